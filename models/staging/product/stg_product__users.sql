with source as (
    {{ raw_rows('users') | indent(4) }}
),

-- a user listed twice belongs to the account that comes first by name
final as (
    select
        user_id,
        min({{ bytewise('account_id') }}) as account_id
    from source
    where {{ is_read('users') }}
    group by user_id
)

select * from final
