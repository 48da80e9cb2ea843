{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false
) }}

with accounts as (
    select * from {{ ref('int_crm_accounts') }}
),

{% if is_incremental() -%}
latest as (
    select
        pql_account_id,
        row_hash,
        row_number() over (partition by pql_account_id order by row_changed_at desc) as recency
    from {{ this }}
),
{%- else -%}
latest as (
    select pql_account_id, row_hash, 1 as recency
    from accounts
    where 1 = 0
),
{%- endif %}

final as (
    select
        accounts.pql_account_id,
        accounts.row_hash,
        {{ build_moment() }} as row_changed_at
    from accounts
    left join latest
        on accounts.pql_account_id = latest.pql_account_id
        and latest.recency = 1
    where
        latest.row_hash is null
        or latest.row_hash <> accounts.row_hash
)

select * from final
