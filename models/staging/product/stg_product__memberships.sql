{%- set found = product_input('memberships') %}

with source as (
    {{ raw_input('memberships', found) | indent(4) }}
    {{ called_memberships() | indent(4) }}
),

final as (
    select distinct
        user_id,
        account_id,
        joined_at,
        coalesce(left_at, {{ end_of_time() }}) as left_at
    from source
    where
        user_id is not null
        and account_id is not null
        and {{ not_forgotten({'user': 'user_id', 'account': 'account_id'}) }}
        and joined_at < coalesce(left_at, {{ end_of_time() }})
)

select * from final
