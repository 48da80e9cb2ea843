with source as (
    {{ raw_rows('conversions') | indent(4) }}
),

final as (
    select
        account_id,
        converted_at,
        is_known_to_day,
        plan,
        amount
    from source
    where {{ is_read('conversions') }}
)

select * from final
