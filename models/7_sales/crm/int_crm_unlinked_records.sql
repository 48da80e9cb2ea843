with records as (
    select * from {{ ref('pql_warehouse', 'stg_crm__records') }}
),

record_domains as (
    select * from {{ ref('pql_warehouse', 'int_crm_record_domains') }}
),

links as (
    select * from {{ ref('pql_warehouse', 'crm_identity_seed') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_account_domains') }}
),

accounts_of_domains as (
    select domain, count(*) as accounts
    from accounts
    where domain is not null
    group by domain
),

-- of the domains of a record those that can link it, and how many accounts one of them means
domains as (
    select
        record_domains.crm_system,
        record_domains.crm_record_id,
        min(case when record_domains.is_free_mail then 1 else 0 end) = 1 as is_free_mail,
        max(case when not record_domains.is_free_mail then accounts_of_domains.accounts end) as accounts
    from record_domains
    left join accounts_of_domains on record_domains.domain = accounts_of_domains.domain
    group by record_domains.crm_system, record_domains.crm_record_id
),

linked as (
    select distinct crm_system, crm_record_id
    from links
    where not is_ambiguous
),

doubtful as (
    select crm_system, crm_record_id, count(*) as accounts
    from links
    where is_ambiguous
    group by crm_system, crm_record_id
),

-- the first that holds of why no account is that of a record
final as (
    select
        records.crm_system,
        records.crm_record_id,
        records.pql_account_id,
        case
            when records.gone_because is not null then records.gone_because
            when records.pql_account_id is not null and known.account_id is null then 'unknown_account'
            when records.pql_account_id is null and domains.crm_record_id is null then 'no_domain'
            when records.pql_account_id is null and domains.is_free_mail then 'free_mail_domain'
            when domains.accounts > 1 or doubtful.accounts > 1 then 'several_accounts'
            when doubtful.crm_record_id is not null then 'several_records'
            when domains.accounts >= 1 then 'account_has_another_record'
            else 'no_account_of_domain'
        end as reason
    from records
    left join accounts as known on records.pql_account_id = known.account_id
    left join domains
        on records.crm_system = domains.crm_system
        and records.crm_record_id = domains.crm_record_id
    left join linked
        on records.crm_system = linked.crm_system
        and records.crm_record_id = linked.crm_record_id
    left join doubtful
        on records.crm_system = doubtful.crm_system
        and records.crm_record_id = doubtful.crm_record_id
    where linked.crm_record_id is null
)

select * from final
