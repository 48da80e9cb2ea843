-- one row per current PQL: the first of them, the strongest and newest on top
select
    account_id,
    account_name,
    plan,
    pql_tier,
    pql_score,
    qualified_at,
    times_qualified,
    reason,
    last_seen_at
from {{ ref('pql_warehouse', 'pql_accounts') }}
where is_pql
order by coalesce(pql_score, 0) desc, qualified_at desc, account_id asc
limit 100
