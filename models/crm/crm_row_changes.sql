{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false
) }}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_crm_accounts') }}
),

latest as (
    {% if is_incremental() -%}
    {{ last_row_changes(this, adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list) | indent(4) }}
    {%- else -%}
    select
        pql_account_id,
        cast(null as {{ dbt.type_string() }}) as row_hash,
        {{ crm_dates() | join(',\n        ') }}
    from accounts
    where 1 = 0
    {%- endif %}
),

lasting as (
    select
        latest.row_hash as last_row_hash,
        {{ crm_lasting_fields('accounts', 'latest') | indent(8) }}
    from accounts
    left join latest on accounts.pql_account_id = latest.pql_account_id
),

hashed as (
    select
        *,
        {{ crm_row_hash(crm_fields()) | indent(8) }} as row_hash
    from lasting
),

final as (
    select
        pql_account_id,
        row_hash,
        {{ build_moment() }} as row_changed_at,
        {{ crm_dates() | join(',\n        ') }}
    from hashed
    where
        last_row_hash is null
        or last_row_hash <> row_hash
)

select * from final
