with accounts as (
    select * from {{ ref('pql_warehouse', 'crm_pql_accounts') }}
),

records as (
    select * from {{ ref('pql_warehouse', 'stg_crm__records') }}
),

unlinked as (
    select * from {{ ref('pql_warehouse', 'int_crm_unlinked_records') }}
),

domains as (
    select * from {{ ref('pql_warehouse', 'int_account_domains') }}
),

-- domains that some record has, whichever account that is of
record_domains as (
    select distinct crm_system, domain from {{ ref('pql_warehouse', 'int_crm_record_domains') }}
),

links as (
    select * from {{ ref('pql_warehouse', 'crm_identity_seed') }}
),

attempts as (
    select
        *,
        row_number() over (
            partition by target, pql_account_id order by attempted_at desc, sync_run_id desc
        ) as recency_rank
    from {{ ref('pql_warehouse', 'crm_sync_results') }}
),

-- and whether anything says what it has got: deliveries that were reported, or row hashes in the copy of its records
systems as (
    select crm_system, max(is_told) as is_told
    from (
        select crm_system, case when row_hash is not null then 1 else 0 end as is_told from records
        union all
        select target as crm_system, 1 as is_told from attempts
        where target in ({{ text_literals(crm_systems() | list) }})
    ) as heard
    group by crm_system
),

-- qualified here, but not (or not as it is now) in the CRM
outgoing as (
    select
        systems.crm_system,
        accounts.pql_account_id,
        links.crm_record_id,
        case
            when attempts.status = 'failed' then 'rejected_by_crm'
            when links.is_ambiguous then 'ambiguous_match'
            when attempts.status is null and links.crm_record_id is null then 'no_record'
            when systems.is_told = 0 then 'delivery_unknown'
            when accounts.row_hash in (attempts.row_hash, records.row_hash) then null
            when attempts.status is null and records.row_hash is null then 'never_delivered'
            else 'out_of_date'
        end as issue,
        attempts.error_code,
        case
            when links.is_ambiguous then 'several_matches'
            when links.crm_record_id is not null or attempts.status is not null then ''
            when domains.domain is null then 'no_domain'
            when domains.is_free_mail then 'free_mail_domain'
            when record_domains.domain is not null then 'record_of_another_account'
            else 'no_record_of_domain'
        end as reason
    from accounts
    cross join systems
    left join links
        on accounts.pql_account_id = links.pql_account_id
        and systems.crm_system = links.crm_system
    left join records
        on links.crm_system = records.crm_system
        and links.crm_record_id = records.crm_record_id
    left join attempts
        on accounts.pql_account_id = attempts.pql_account_id
        and systems.crm_system = attempts.target
        and attempts.recency_rank = 1
    left join domains on accounts.pql_account_id = domains.account_id
    left join record_domains
        on systems.crm_system = record_domains.crm_system
        and domains.domain = record_domains.domain
    where accounts.is_pql
),

-- in the CRM under an id that no account here has any more, or ever had
incoming as (
    select
        records.crm_system,
        records.pql_account_id,
        records.crm_record_id,
        case
            when known.pql_status = 'merged' then 'merged'
            when accounts.pql_status = 'deleted' then 'deleted'
            else 'unknown_here'
        end as issue,
        cast(null as {{ dbt.type_string() }}) as error_code,
        case when known.account_id is null and accounts.pql_account_id is null then 'unknown_account' else '' end as reason
    from records
    left join {{ ref('pql_warehouse', 'pql_accounts') }} as known on records.pql_account_id = known.account_id
    left join accounts on records.pql_account_id = accounts.pql_account_id
    where
        records.pql_account_id is not null
        and coalesce(known.pql_status, 'merged') = 'merged'
),

-- in the CRM, but linked to no account here
apart as (
    select
        crm_system,
        pql_account_id,
        crm_record_id,
        'not_linked' as issue,
        cast(null as {{ dbt.type_string() }}) as error_code,
        reason
    from unlinked
    where reason <> 'unknown_account'
),

final as (
    select * from outgoing
    where issue is not null
    union all
    select * from incoming
    union all
    select * from apart
)

select
    crm_system,
    coalesce(pql_account_id, '') as pql_account_id,
    coalesce(crm_record_id, '') as crm_record_id,
    issue,
    coalesce(error_code, '') as error_code,
    reason
from final
