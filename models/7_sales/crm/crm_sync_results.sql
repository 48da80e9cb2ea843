{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false
) }}

-- dbt only makes the table; scripts/sync_crm.py, or whatever tool delivers the rows, writes it
with final as (
    select
        cast(null as {{ dbt.type_string() }}) as sync_run_id,
        cast(null as {{ dbt.type_string() }}) as tool,
        cast(null as {{ dbt.type_string() }}) as target,
        cast(null as {{ dbt.type_string() }}) as pql_account_id,
        cast(null as {{ dbt.type_string() }}) as row_hash,
        cast(null as {{ dbt.type_string() }}) as status,
        cast(null as {{ dbt.type_string() }}) as error_code,
        cast(null as {{ dbt.type_timestamp() }}) as attempted_at,
        cast(null as {{ dbt.type_string() }}) as pql_user_id
    {{ no_rows() }}
)

select * from final
