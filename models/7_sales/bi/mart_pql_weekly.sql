{%- set config = pql_config() %}

with transitions as (
    {{ pql_transitions(ref('pql_warehouse', 'fct_pql_episodes'), config.definitions[0].name) | indent(4) }}
),

log as (
    select * from {{ ref('pql_warehouse', 'fct_pql_events') }}
    where is_notifiable
),

segments as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where attribute = {{ text_literal(crm_setting('pql_segment_attribute')) }}
),

-- starts and ends as they are known now, announcements as they were made
counted as (
    select
        account_id,
        event_type,
        event_at,
        is_start,
        qualified_at,
        coalesce(tier, '') as tier,
        {{ leading_criterion(config, "coalesce(criteria_met, '')") | indent(8) }} as reason_code,
        1 as transitions,
        0 as announcements
    from transitions
    union all
    select
        pql_account_id as account_id,
        event_type,
        event_at,
        is_start,
        qualified_at,
        tier,
        reason_code,
        0 as transitions,
        1 as announcements
    from log
),

placed as (
    select
        counted.*,
        {{ period_start('counted.event_at', 'week') }} as week_starting_on,
        case when counted.tier = '' then 'none' else counted.tier end as tier_name,
        coalesce(segments.value, 'none') as segment
    from counted
    left join segments
        on counted.account_id = segments.account_id
        and counted.qualified_at >= segments.valid_from
        and counted.qualified_at < segments.valid_to
),

final as (
    select
        week_starting_on,
        reason_code,
        tier_name as tier,
        segment,
        cast(sum(transitions) as bigint) as events,
        cast(sum(case when event_type = 'qualified' then transitions else 0 end) as bigint) as new_pqls,
        cast(sum(case when event_type = 'requalified' then transitions else 0 end) as bigint) as returned_pqls,
        cast(sum(case when event_type = 'converted' then transitions else 0 end) as bigint) as converted_pqls,
        cast(sum(case when not is_start and event_type <> 'converted' then transitions else 0 end) as bigint) as ended_pqls,
        cast(sum(announcements) as bigint) as announced_pqls
    from placed
    group by week_starting_on, reason_code, tier_name, segment
)

select * from final
