{{ config(materialized=rewritable(), incremental_strategy='rewrite_events') }}

{%- set kept = last_rows() %}

with events as (
    select {{ accepted_id() }} as event_id, anonymous_id, user_id, occurred_at
    from {{ ref('pql_warehouse', 'stg_product__events') }}
    where anonymous_id is not null
),

affected as (
    select * from {{ ref('pql_warehouse', 'int_affected_events') }}
),

unidentified_ids as (
    select distinct anonymous_id from {{ 'affected' if kept else 'events' }}
    where
        user_id is null
        and anonymous_id is not null
),

-- how many sightings with a user came before: the events after one sighting, up to the next, share a number
sequenced as (
    select
        events.event_id,
        events.anonymous_id,
        events.user_id,
        count(events.user_id) over (
            partition by events.anonymous_id
            order by events.occurred_at, {{ bytewise('events.event_id') }} rows unbounded preceding
        ) as sightings
    from events
    inner join unidentified_ids on events.anonymous_id = unidentified_ids.anonymous_id
),

identified as (
    select
        event_id,
        user_id as own_user_id,
        max(user_id) over (partition by anonymous_id, sightings) as user_id
    from sequenced
),

final as (
    select event_id, user_id
    from identified
    where
        own_user_id is null
        and user_id is not null
        and {{ 'event_id in (select event_id from affected)' if kept else 'true' }}
)

select * from final
