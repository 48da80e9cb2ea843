{{ config(materialized='view') }}

with events as (
    select * from {{ ref('pql_warehouse', 'int_events_resolved') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

local_dates as (
    select * from {{ ref('pql_warehouse', 'int_local_dates') }}
),

final as (
    select
        events.event_id,
        events.account_id,
        coalesce(events.user_id, '') as user_id,
        events.event_name,
        {{ local_date_of('events.occurred_at', 'local_dates') | indent(8) }} as local_date,
        events.occurred_at,
        events.properties,
        events.event_count
    from events
    inner join accounts on events.account_id = accounts.account_id
    left join local_dates
        on accounts.local_time_zone = local_dates.local_time_zone
        and cast(events.occurred_at as date) = local_dates.utc_date
    where
        events.occurred_at <= {{ as_of_moment() }}
        and events.ignored_by is null
        and {{ counts_as_use('events.event_source', 'events.event_name') }}
)

select * from final
