with source as (
    {{ raw_rows('users') | indent(4) }}
),

-- a user listed twice belongs to the account that comes first by name; of the address only the domain is kept
final as (
    select
        user_id,
        min({{ bytewise('account_id') }}) as account_id,
        min({{ bytewise("case when email like '%@%' then regexp_replace(lower(trim(email)), '^.*@', '') end") }}) as email_domain
    from source
    where {{ is_read('users') }}
    group by user_id
)

select * from final
