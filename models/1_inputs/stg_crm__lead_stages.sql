with source as (
    {{ raw_rows('lead_stages') | indent(4) }}
),

final as (
    select
        account_id,
        stage,
        entered_at,
        is_known_to_day
    from source
    where {{ is_read('lead_stages') }}
    group by account_id, stage, entered_at, is_known_to_day
)

select * from final
