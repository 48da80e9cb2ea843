-- unless this build is as of an earlier moment than the log has seen, and so added nothing to it
with log as (
    select
        *,
        row_number() over (partition by pql_account_id order by event_seq desc) as recency_rank
    from {{ ref('pql_warehouse', 'fct_pql_events') }}
),

latest as (
    select * from log
    where recency_rank = 1
),

seen as (
    select max(as_of) as as_of from {{ ref('pql_warehouse', 'pql_build_history') }}
)

select coalesce(latest.pql_account_id, accounts.account_id) as account_id
from latest
full outer join {{ ref('pql_warehouse', 'pql_accounts') }} as accounts on latest.pql_account_id = accounts.account_id
cross join seen
inner join {{ ref('pql_warehouse', 'int_as_of') }} as as_of on seen.as_of = as_of.as_of
where coalesce(latest.is_start, false) <> coalesce(accounts.is_pql, false)
