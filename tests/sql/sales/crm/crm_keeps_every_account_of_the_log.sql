{{ config(enabled=var('pql_crm_enabled', true)) }}

select distinct log.pql_account_id
from {{ ref('pql_warehouse', 'fct_pql_events') }} as log
left join {{ ref('pql_warehouse', 'crm_pql_accounts') }} as accounts on log.pql_account_id = accounts.pql_account_id
where accounts.pql_account_id is null
