{%- set base_columns = [
    'event_source', 'event_id', 'event_key', 'occurred_at', 'occurred_at_text', 'event_name', 'user_id', 'account_id',
    'anonymous_id', 'received_at', 'properties', 'invalid_properties', 'rejection_reason',
] %}

with events as (
    select * from {{ ref('base_product__events') }}
),

-- a key that more than one delivery has; two ids may share a key, which does no harm
repeated_keys as (
    select event_key
    from {{ ref('base_product__events') }}
    where rejection_reason is null
    group by event_key
    having count(*) > 1
),

delivered_once as (
    select
        events.*,
        events.rejection_reason as reason
    from events
    left join repeated_keys on events.event_key = repeated_keys.event_key
    where
        events.rejection_reason is not null
        or repeated_keys.event_key is null
),

ranked as (
    select
        events.*,
        row_number() over (
            partition by events.event_id
            order by
                coalesce(events.received_at, events.occurred_at),
                events.occurred_at,
                {{ bytewise('events.account_id') }} nulls last,
                {{ bytewise('events.user_id') }} nulls last,
                {{ bytewise('events.event_name') }},
                {{ bytewise('events.anonymous_id') }} nulls last,
                {{ bytewise('events.properties') }} nulls last
        ) as delivery_rank
    from {{ ref('base_product__events') }} as events
    inner join repeated_keys on events.event_key = repeated_keys.event_key
    where events.rejection_reason is null
),

winners as (
    select * from ranked
    where delivery_rank = 1
),

delivered_again as (
    select
        {% for column in base_columns %}
        ranked.{{ column }},
        {% endfor %}
        case
            when ranked.delivery_rank = 1 then null
            when
                ranked.event_name = winners.event_name
                and ranked.occurred_at = winners.occurred_at
                and coalesce(ranked.account_id, '') = coalesce(winners.account_id, '')
                and coalesce(ranked.user_id, '') = coalesce(winners.user_id, '')
                then 'duplicate'
            else 'conflicting_duplicate'
        end as reason
    from ranked
    inner join winners on ranked.event_id = winners.event_id
),

final as (
    select * from delivered_once
    union all
    select * from delivered_again
)

select * from final
