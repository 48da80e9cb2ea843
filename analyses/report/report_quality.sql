-- one row per source of events
select * from {{ ref('event_quality') }}
order by event_source
