with source as (
    {{ raw_rows('memberships') | indent(4) }}
),

final as (
    select distinct
        user_id,
        account_id,
        joined_at,
        coalesce(left_at, {{ end_of_time() }}) as left_at
    from source
    where {{ is_read('memberships') }}
)

select * from final
