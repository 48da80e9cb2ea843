{%- set found = seed_input(ref('plan_limits')) %}

with source as (
    {{ raw_input('plan_limits', found) | indent(4) }}
),

-- a limit given twice for a plan is the higher one
final as (
    select
        plan,
        limit_name,
        max(limit_value) as limit_value
    from source
    where
        plan is not null
        and limit_name is not null
        and limit_value is not null
    group by plan, limit_name
)

select * from final
