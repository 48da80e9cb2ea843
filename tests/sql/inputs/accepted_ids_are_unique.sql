-- An event_id that is accepted twice, unless it came so much later that it is another event. Ids are looked at only where
-- their 64-bit keys meet.
with accepted as (
    select {{ accepted_id() }} as event_id, event_key
    from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
    where reason is null
),

shared_keys as (
    select event_key
    from accepted
    group by event_key
    having count(*) > 1
)

select accepted.event_id, count(*) as copies
from accepted
inner join shared_keys on accepted.event_key = shared_keys.event_key
group by accepted.event_id
having count(*) > 1
