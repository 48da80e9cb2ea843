with records as (
    select * from {{ ref('pql_warehouse', 'stg_crm__records') }}
    where gone_because is null
),

domains as (
    select * from {{ ref('pql_warehouse', 'int_crm_record_domains') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_account_domains') }}
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
    select
        records.crm_system,
        records.crm_record_id,
        accounts.account_id as pql_account_id,
        'domain' as match_method,
        domains.is_own
    from records
    inner join domains
        on records.crm_system = domains.crm_system
        and records.crm_record_id = domains.crm_record_id
    inner join accounts on domains.domain = accounts.domain
    left join by_id
        on records.crm_system = by_id.crm_system
        and accounts.account_id = by_id.pql_account_id
    where
        records.pql_account_id is null
        and not accounts.is_free_mail
        and by_id.pql_account_id is null
),

by_own_domain as (
    select crm_system, crm_record_id, pql_account_id, match_method from by_domain
    where is_own
),

-- and a further domain only for those that no record's own has linked
by_further_domain as (
    select distinct by_domain.crm_system, by_domain.crm_record_id, by_domain.pql_account_id, by_domain.match_method
    from by_domain
    left join by_own_domain as of_record
        on by_domain.crm_system = of_record.crm_system
        and by_domain.crm_record_id = of_record.crm_record_id
    left join by_own_domain as of_account
        on by_domain.crm_system = of_account.crm_system
        and by_domain.pql_account_id = of_account.pql_account_id
    where
        not by_domain.is_own
        and of_record.crm_record_id is null
        and of_account.pql_account_id is null
),

matches as (
    select * from by_id
    union all
    select * from by_own_domain
    union all
    select * from by_further_domain
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
