with source as (
    {{ raw_rows('conversions') | indent(4) }}
),

final as (
    select
        account_id,
        converted_at,
        plan,
        amount
    from source
    where {{ is_read('conversions') }}
)

select * from final
