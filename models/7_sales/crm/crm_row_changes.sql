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
    {{ no_row_changes() | indent(4) }}
    {%- endif %}
),

lasting as (
    select
        latest.row_hash as last_row_hash,
        latest.row_changed_at as last_row_changed_at,
        latest.summary as last_summary,
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

-- a row from before cards were remembered is remembered again, as of when it changed
final as (
    select
        pql_account_id,
        row_hash,
        case when last_row_hash = row_hash then last_row_changed_at else {{ log_moment('row_changed_at') }} end as row_changed_at,
        {{ crm_remembered() | join(',\n        ') }}
    from hashed
    where
        last_row_hash is null
        or last_row_hash <> row_hash
        or last_summary is null
)

select * from final
