{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false
) }}

-- dbt only makes the table; scripts/notify.py writes it
with final as (
    select
        cast(null as {{ dbt.type_string() }}) as run_id,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as pql_event_id,
        cast(null as {{ dbt.type_string() }}) as pql_account_id,
        cast(null as {{ dbt.type_string() }}) as status,
        cast(null as {{ dbt.type_string() }}) as error_code,
        cast(null as {{ dbt.type_timestamp() }}) as noted_at
    {{ no_rows() }}
)

select * from final
