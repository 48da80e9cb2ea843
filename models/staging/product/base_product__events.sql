{{ config(materialized='view') }}

with source as (
    {{ raw_events() | indent(4) }}
),

read as (
    select
        event_source,
        event_id,
        {{ hash_number('event_id') }} as event_key,
        occurred_at,
        occurred_at_text,
        event_name,
        user_id,
        account_id,
        anonymous_id,
        received_at,
        case when {{ is_json('properties') }} then properties end as properties,
        case when not {{ is_json('properties') }} then properties end as invalid_properties
    from source
),

final as (
    select
        *,
        {{ rejection_reason() }} as rejection_reason
    from read
)

select * from final
