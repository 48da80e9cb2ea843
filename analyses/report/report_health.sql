-- one row per event that does not come as usual, the most frequent first
select
    event_name,
    verdict,
    may_be_called,
    last_seen_on,
    events_last_days,
    events_weakest_days,
    accounts_active,
    accounts_using
from {{ ref('pql_warehouse', 'event_health') }}
where verdict in ('tracking', 'usage')
order by events_weakest_days desc, event_name asc
