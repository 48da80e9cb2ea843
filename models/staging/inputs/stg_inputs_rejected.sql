with inputs as (
    select * from {{ ref('base_inputs') }}
),

final as (
    select * from inputs
    where reason is not null
)

select * from final
