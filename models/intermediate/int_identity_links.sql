with events as (
    select * from {{ ref('stg_product__events') }}
    where
        user_id is not null
        and anonymous_id is not null
),

sightings as (
    select
        anonymous_id,
        user_id,
        occurred_at,
        event_id,
        lag(user_id) over (
            partition by anonymous_id order by occurred_at, {{ bytewise('event_id') }}
        ) as previous_user_id
    from events
),

-- a row per stretch of sightings of one anonymous id with one user
final as (
    select
        anonymous_id,
        user_id,
        occurred_at as linked_from_at,
        event_id as linked_from_event_id,
        coalesce(
            lead(occurred_at) over (partition by anonymous_id order by occurred_at, {{ bytewise('event_id') }}),
            {{ end_of_time() }}
        ) as linked_to_at,
        lead(event_id) over (
            partition by anonymous_id order by occurred_at, {{ bytewise('event_id') }}
        ) as linked_to_event_id
    from sightings
    where
        previous_user_id is null
        or user_id <> previous_user_id
)

select * from final
