-- one row per status: all accounts, each once
select pql_status, count(*) as accounts
from {{ ref('pql_warehouse', 'pql_accounts') }}
group by pql_status
order by pql_status
