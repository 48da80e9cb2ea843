with source as (
    {{ raw_rows('subscription_ends') | indent(4) }}
),

final as (
    select
        account_id,
        ended_at,
        is_known_to_day
    from source
    where {{ is_read('subscription_ends') }}
    group by account_id, ended_at, is_known_to_day
)

select * from final
