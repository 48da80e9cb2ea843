{{ config(materialized='view') }}

with ledger as (
    select * from {{ ref('pql_warehouse', 'pql_account_criteria') }}
),

final as (
    select account_id, criterion_name, is_met, progress, times_met, first_met_at, last_started_at, last_ended_at
    from ledger
)

select * from final
