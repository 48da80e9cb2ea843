-- one row per current PQL: the first of them in the order of lists
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
order by {{ lead_order() }}
limit 100
