with weekly as (
    select coalesce(sum(events), 0) as events, coalesce(sum(announced_pqls), 0) as announced from {{ ref('pql_warehouse', 'mart_pql_weekly') }}
),

log as (
    select count(*) as events, count(case when is_notifiable then 1 end) as announced from {{ ref('pql_warehouse', 'fct_pql_events') }}
)

select log.events
from log
inner join weekly on log.events <> weekly.events or log.announced <> weekly.announced
