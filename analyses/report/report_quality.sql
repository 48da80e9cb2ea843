-- one row per source of events
select * from {{ ref('pql_warehouse', 'event_quality') }}
order by event_source
