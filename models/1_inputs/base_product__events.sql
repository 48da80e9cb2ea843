{{ configured(materialized='view') }}

with source as (
    {{ raw_events() | indent(4) }}
),

-- an id or a name of nothing but blanks is none
named as (
    select
        event_source,
        batch_file,
        {{ unless_blank('event_id') }} as event_id,
        occurred_at,
        occurred_at_text,
        {{ unless_blank('event_name') }} as event_name,
        user_id,
        account_id,
        anonymous_id,
        received_at,
        properties,
        {{ unless_blank('event_count') }} as event_count_text,
        placeholder_id
    from source
),

read as (
    select
        event_source,
        batch_file,
        concat(
            event_source, ' ', coalesce(batch_file, cast(cast(received_at as date) as {{ dbt.type_string() }}), 'never')
        ) as batch_id,
        event_id,
        case when event_id is not null then {{ hash_number('event_id') }} end as event_key,
        occurred_at,
        case when occurred_at is null then occurred_at_text end as occurred_at_text,
        event_name,
        user_id,
        account_id,
        anonymous_id,
        received_at,
        properties as properties_text,
        case when {{ is_json('properties') }} then properties end as properties,
        case when not {{ is_json('properties') }} then properties end as invalid_properties,
        event_count_text,
        {{ count_of_events('event_count_text') | indent(8) }} as event_count,
        placeholder_id
    from named
    where {{ not_forgotten({'user_id': 'user', 'account_id': 'account', 'anonymous_id': 'anonymous'}) }}
),

final as (
    select
        *,
        {{ rejection_reason() }} as rejection_reason
    from read
)

select * from final
