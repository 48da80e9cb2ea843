{%- set found = product_input('users') %}

with source as (
    {{ raw_input('users', found) | indent(4) }}
),

-- a user listed twice belongs to the account that comes first by name
final as (
    select
        user_id,
        min({{ bytewise('account_id') }}) as account_id
    from source
    where
        user_id is not null
        and {{ not_forgotten({'user': 'user_id', 'account': 'account_id'}) }}
    group by user_id
)

select * from final
