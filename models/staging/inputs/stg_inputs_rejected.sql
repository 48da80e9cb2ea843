with inputs as (
    select * from {{ ref('pql_warehouse', 'base_inputs') }}
),

final as (
    select * from inputs
    where reason is not null
)

select * from final
