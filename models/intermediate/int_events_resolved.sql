{{ config(materialized='view') }}

with events as (
    select
        *,
        case when user_id is null then anonymous_id end as unidentified_id
    from {{ ref('stg_product__events') }}
),

links as (
    select * from {{ ref('int_identity_links') }}
),

periods as (
    select * from {{ ref('int_user_account_periods') }}
),

identified as (
    select
        events.event_id,
        events.event_source,
        events.occurred_at,
        events.event_name,
        events.properties,
        events.account_id as own_account_id,
        coalesce(events.user_id, links.user_id) as user_id,
        case when events.account_id is null then coalesce(events.user_id, links.user_id) end as homeless_user_id
    from events
    left join links
        on events.unidentified_id = links.anonymous_id
        and (
            events.occurred_at > links.linked_from_at
            or (
                events.occurred_at = links.linked_from_at
                and {{ bytewise('events.event_id') }} > {{ bytewise('links.linked_from_event_id') }}
            )
        )
        and (
            events.occurred_at < links.linked_to_at
            or (
                events.occurred_at = links.linked_to_at
                and {{ bytewise('events.event_id') }} <= {{ bytewise('links.linked_to_event_id') }}
            )
        )
),

final as (
    select
        identified.event_id,
        identified.event_source,
        identified.occurred_at,
        identified.event_name,
        identified.properties,
        identified.user_id,
        coalesce(identified.own_account_id, periods.account_id) as account_id
    from identified
    left join periods
        on identified.homeless_user_id = periods.user_id
        and identified.occurred_at >= periods.valid_from
        and identified.occurred_at < periods.valid_to
)

select * from final
