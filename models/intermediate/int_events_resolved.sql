{{ config(materialized='view') }}

with events as (
    select * from {{ ref('stg_product__events') }}
),

final as (
    {{ resolved_events('events', ['event_id', 'event_key', 'event_source', 'occurred_at', 'event_name', 'properties']) | indent(4) }}
)

select * from final
