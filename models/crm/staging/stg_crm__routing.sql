{{ config(materialized='view') }}

with source as (
    {{ raw_rows('crm_routing') | indent(4) }}
),

final as (
    select
        priority,
        tier,
        criterion,
        queue,
        suggested_owner
    from source
    where {{ row_fault('crm_routing') }} is null
)

select * from final
