with source as (
    {{ raw_conversions() | indent(4) }}
),

final as (
    select
        account_id,
        converted_at,
        plan,
        amount
    from source
    where
        account_id is not null
        and converted_at is not null
        and {{ not_forgotten({'account': 'account_id'}) }}
)

select * from final
