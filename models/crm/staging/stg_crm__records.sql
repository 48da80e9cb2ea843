{{ configured(materialized='view') }}

with source as (
    {{ raw_rows('crm_records') | indent(4) }}
),

-- a record copied twice counts once; the copy that carries our id goes first
final as (
    select
        lower(crm_system) as crm_system,
        crm_record_id,
        min(pql_account_id) as pql_account_id,
        min(lower(trim(domain))) as domain,
        max(pql_row_hash) as row_hash
    from source
    where {{ is_read('crm_records') }}
    group by lower(crm_system), crm_record_id
)

select * from final
