{{ config(materialized='view') }}

with rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
),

final as (
    select criterion_name, kind, type, position, description, status
    from rules
)

select * from final
