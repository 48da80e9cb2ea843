with log as (
    select * from {{ ref('pql_warehouse', 'fct_pql_events') }}
),

segments as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where attribute = {{ text_literal(crm_setting('pql_segment_attribute')) }}
),

placed as (
    select
        log.*,
        {{ period_start('log.event_at', 'week') }} as week_starting_on,
        case when log.tier = '' then 'none' else log.tier end as tier_name,
        coalesce(segments.value, 'none') as segment
    from log
    left join segments
        on log.pql_account_id = segments.account_id
        and log.qualified_at >= segments.valid_from
        and log.qualified_at < segments.valid_to
),

final as (
    select
        week_starting_on,
        reason_code,
        tier_name as tier,
        segment,
        cast(count(*) as bigint) as events,
        cast(sum(case when event_type = 'qualified' then 1 else 0 end) as bigint) as new_pqls,
        cast(sum(case when event_type in ('requalified', 'reinstated') then 1 else 0 end) as bigint) as returned_pqls,
        cast(sum(case when event_type = 'converted' then 1 else 0 end) as bigint) as converted_pqls,
        cast(sum(case when not is_start and event_type <> 'converted' then 1 else 0 end) as bigint) as ended_pqls,
        cast(sum(case when is_notifiable then 1 else 0 end) as bigint) as announced_pqls
    from placed
    group by week_starting_on, reason_code, tier_name, segment
)

select * from final
