{{ config(materialized='view') }}

with judged as (
    select * from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
),

final as (
    select
        event_id,
        occurred_at,
        occurred_at_text,
        event_name,
        user_id,
        account_id,
        anonymous_id,
        received_at,
        coalesce(properties, invalid_properties) as properties,
        event_count_text as event_count,
        reason,
        event_source
    from judged
    where reason not in ('duplicate', 'withdrawn')
)

select * from final
