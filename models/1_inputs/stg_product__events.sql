{{ config(materialized='view') }}

with judged as (
    select * from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
),

final as (
    select
        event_id,
        event_key,
        occurred_at,
        event_name,
        user_id,
        account_id,
        anonymous_id,
        received_at,
        properties,
        event_count,
        event_source
    from judged
    where reason is null
)

select * from final
