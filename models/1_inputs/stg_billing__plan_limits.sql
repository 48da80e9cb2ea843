with source as (
    {{ raw_rows('plan_limits') | indent(4) }}
),

-- a limit given twice for a plan is the higher one
final as (
    select
        plan,
        limit_name,
        max(limit_value) as limit_value
    from source
    where {{ is_read('plan_limits') }}
    group by plan, limit_name
)

select * from final
