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
    select events.*, rejection_reason as reason
    from events
    where rejection_reason is not null
        or not exists (select 1 from repeated_keys where repeated_keys.event_key = events.event_key)
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

delivered_again as (
    select
        {{ columns_of('ranked', ['event_source', 'event_id', 'event_key', 'occurred_at', 'occurred_at_text', 'event_name',
            'user_id', 'account_id', 'anonymous_id', 'received_at', 'properties', 'invalid_properties', 'rejection_reason']) }},
        case
            when ranked.delivery_rank = 1 then null
            when ranked.account_id is distinct from winners.account_id
                or ranked.user_id is distinct from winners.user_id
                or ranked.event_name <> winners.event_name
                or ranked.occurred_at <> winners.occurred_at
                then 'conflicting_duplicate'
            else 'duplicate'
        end as reason
    from ranked
    inner join ranked as winners on ranked.event_id = winners.event_id and winners.delivery_rank = 1
),

final as (
    select * from delivered_once
    union all
    select * from delivered_again
)

select * from final
