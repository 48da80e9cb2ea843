{{ configured(materialized='view') }}

{%- set columns = ['event_id', 'event_source', 'occurred_at', 'event_name', 'properties', 'event_count'] %}

with events as (
    select {{ accepted_id() }} as {{ columns | join(', ') }}, user_id, account_id
    from {{ ref('pql_warehouse', 'stg_product__events') }}
),

final as (
    {{ resolved_events('events', columns) | indent(4) }}
)

select * from final
