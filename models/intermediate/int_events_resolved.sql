{{ config(materialized='view') }}

with events as (
    select * from {{ ref('stg_product__events') }}
),

identified as (
    select * from {{ ref('int_anonymous_events_identified') }}
),

periods as (
    select * from {{ ref('int_user_account_periods') }}
),

events_with_users as (
    select
        events.event_id,
        events.event_source,
        events.occurred_at,
        events.event_name,
        events.properties,
        events.account_id as own_account_id,
        coalesce(events.user_id, identified.user_id) as user_id,
        case when events.account_id is null then coalesce(events.user_id, identified.user_id) end as homeless_user_id
    from events
    left join identified on events.event_id = identified.event_id
),

final as (
    select
        events.event_id,
        events.event_source,
        events.occurred_at,
        events.event_name,
        events.properties,
        events.user_id,
        coalesce(events.own_account_id, periods.account_id) as account_id
    from events_with_users as events
    left join periods
        on events.homeless_user_id = periods.user_id
        and events.occurred_at >= periods.valid_from
        and events.occurred_at < periods.valid_to
)

select * from final
