with contributions as (
    select
        *,
        {{ period_start('brought_at', 'week') }} as week_starting_on
    from {{ ref('pql_warehouse', 'int_team_contributions') }}
),

teams as (
    {% for team in ['marketing', 'product', 'sales', 'success'] -%}
    select '{{ team }}' as team
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

weeks as (
    select distinct week_starting_on from contributions
),

-- a week is judged as a whole, when the last of what was brought in it can be
counted as (
    select
        team,
        week_starting_on,
        count(*) as quantity,
        sum(is_judged) as judged,
        sum(is_judged * is_good) as good,
        sum(is_touched_in_time) as touched_in_time,
        {{ add_time('day', 7, 'cast(week_starting_on as ' ~ dbt.type_timestamp() ~ ')') }} <= max(judged_at)
        and coalesce(max(due_at) <= max(judged_at), true) as is_mature
    from contributions
    group by team, week_starting_on
),

final as (
    select
        weeks.week_starting_on,
        teams.team,
        cast(coalesce(counted.quantity, 0) as bigint) as quantity,
        cast(case when counted.is_mature then counted.good end as bigint) as quality_numerator,
        cast(case when counted.is_mature then counted.judged end as bigint) as quality_denominator,
        cast(case when counted.is_mature then counted.touched_in_time end as bigint) as touched_in_time
    from weeks
    cross join teams
    left join counted
        on weeks.week_starting_on = counted.week_starting_on
        and teams.team = counted.team
)

select * from final
