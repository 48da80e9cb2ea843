{{ configured(materialized='view') }}

with source as (
    {{ raw_rows('crm_records') | indent(4) }}
),

records as (
    select
        lower(trim(crm_system)) as crm_system,
        crm_record_id,
        case
            when lower(trim(crm_system)) = 'salesforce' then {{ salesforce_id('crm_record_id') }}
            else crm_record_id
        end as record_key,
        pql_account_id,
        pql_row_hash,
        {{ host_of('domain') }} as domain,
        {{ list_of_domains('other_domains') }} as other_domains,
        case
            when merged_into is not null then 'merged'
            when {{ says_true('is_deleted') }} then 'deleted'
        end as gone_because
    from source
    where {{ is_read('crm_records') }}
),

-- a record copied twice counts once, an id of Salesforce in its long form; the copy that carries our id goes first
final as (
    select
        crm_system,
        max(crm_record_id) as crm_record_id,
        min(pql_account_id) as pql_account_id,
        min(domain) as domain,
        max(other_domains) as other_domains,
        max(gone_because) as gone_because,
        max(pql_row_hash) as row_hash
    from records
    group by crm_system, record_key
)

select * from final
