with records as (
    select * from {{ ref('pql_warehouse', 'stg_crm__records') }}
    where gone_because is null
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_crm_account_domains') }}
),

-- an account that is gone keeps its record, so that the CRM is told
known as (
    select account_id from accounts
    union distinct
    select pql_account_id as account_id from {{ ref('pql_warehouse', 'fct_pql_events') }}
),

by_id as (
    select records.crm_system, records.crm_record_id, records.pql_account_id, 'external_id' as match_method
    from records
    inner join known on records.pql_account_id = known.account_id
),

-- a domain speaks only for records and accounts that no id has linked yet
by_domain as (
    select records.crm_system, records.crm_record_id, accounts.account_id as pql_account_id, 'domain' as match_method
    from records
    inner join accounts on records.domain = accounts.domain
    left join by_id
        on records.crm_system = by_id.crm_system
        and accounts.account_id = by_id.pql_account_id
    where
        records.pql_account_id is null
        and not accounts.is_free_mail
        and by_id.pql_account_id is null
),

matches as (
    select * from by_id
    union all
    select * from by_domain
),

counted as (
    select
        *,
        count(*) over (partition by crm_system, crm_record_id) as accounts_matched,
        count(*) over (partition by crm_system, pql_account_id) as records_matched
    from matches
),

final as (
    select
        crm_system,
        crm_record_id,
        pql_account_id,
        match_method,
        cast(greatest(accounts_matched, records_matched) as integer) as match_candidates,
        accounts_matched > 1 or records_matched > 1 as is_ambiguous
    from counted
)

select * from final
