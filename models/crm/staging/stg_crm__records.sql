{{ config(materialized='view') }}

{%- set found = product_input('crm_records') %}

with source as (
    {{ raw_input('crm_records', found) | indent(4) }}
),

-- a record copied twice counts once; the copy that carries our id goes first
final as (
    select
        lower(crm_system) as crm_system,
        crm_record_id,
        min(pql_account_id) as pql_account_id,
        min(lower(trim(domain))) as domain
    from source
    where
        crm_system is not null
        and crm_record_id is not null
        and {{ not_forgotten({'account': 'pql_account_id'}) }}
    group by lower(crm_system), crm_record_id
)

select * from final
