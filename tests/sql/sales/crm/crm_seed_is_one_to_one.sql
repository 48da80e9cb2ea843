{{ config(enabled=var('pql_crm_enabled', true)) }}

select crm_system, crm_record_id as id
from {{ ref('pql_warehouse', 'crm_identity_seed') }}
where not is_ambiguous
group by crm_system, crm_record_id
having count(*) > 1
union all
select crm_system, pql_account_id as id
from {{ ref('pql_warehouse', 'crm_identity_seed') }}
where not is_ambiguous
group by crm_system, pql_account_id
having count(*) > 1
