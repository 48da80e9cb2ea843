with log as (
    select * from {{ ref('fct_pql_events') }}
),

counted as (
    select
        {{ period_start('event_at', 'week') }} as week_starting_on,
        reason_code,
        case when tier = '' then 'none' else tier end as tier,
        count(*) as events,
        sum(case when event_type = 'qualified' then 1 else 0 end) as new_pqls,
        sum(case when event_type in ('requalified', 'reinstated') then 1 else 0 end) as returned_pqls,
        sum(case when event_type = 'converted' then 1 else 0 end) as converted_pqls,
        sum(case when not is_start and event_type <> 'converted' then 1 else 0 end) as ended_pqls,
        sum(case when is_notifiable then 1 else 0 end) as announced_pqls
    from log
    group by {{ period_start('event_at', 'week') }}, reason_code, case when tier = '' then 'none' else tier end
),

final as (
    select
        week_starting_on,
        reason_code,
        tier,
        cast(events as bigint) as events,
        cast(new_pqls as bigint) as new_pqls,
        cast(returned_pqls as bigint) as returned_pqls,
        cast(converted_pqls as bigint) as converted_pqls,
        cast(ended_pqls as bigint) as ended_pqls,
        cast(announced_pqls as bigint) as announced_pqls
    from counted
)

select * from final
