-- a week of which the counts are not the starts, first starts and announcements that lie in it
with weekly as (
    select
        week_starting_on,
        sum(new_pqls) as new_pqls,
        sum(new_pqls + returned_pqls) as starts,
        sum(announced_pqls) as announced_pqls
    from {{ ref('pql_warehouse', 'mart_pql_weekly') }}
    group by week_starting_on
),

moments as (
    select first_qualified_at as moment, 1 as new_pqls, 0 as starts, 0 as announced_pqls
    from {{ ref('pql_warehouse', 'mart_pql_accounts') }}
    where is_ever_pql
    union all
    select qualified_at as moment, 0 as new_pqls, 1 as starts, 0 as announced_pqls
    from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where definition_name = {{ text_literal(pql_config().definitions[0].name) }}
    union all
    select event_at as moment, 0 as new_pqls, 0 as starts, 1 as announced_pqls
    from {{ ref('pql_warehouse', 'fct_pql_events') }}
    where is_notifiable
),

expected as (
    select
        {{ period_start('moment', 'week') }} as week_starting_on,
        sum(new_pqls) as new_pqls,
        sum(starts) as starts,
        sum(announced_pqls) as announced_pqls
    from moments
    group by {{ period_start('moment', 'week') }}
)

select coalesce(weekly.week_starting_on, expected.week_starting_on) as week_starting_on
from weekly
full outer join expected on weekly.week_starting_on = expected.week_starting_on
where
    coalesce(weekly.new_pqls, 0) <> coalesce(expected.new_pqls, 0)
    or coalesce(weekly.starts, 0) <> coalesce(expected.starts, 0)
    or coalesce(weekly.announced_pqls, 0) <> coalesce(expected.announced_pqls, 0)
