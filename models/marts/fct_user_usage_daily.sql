with events as (
    select * from {{ ref('int_events_attributed') }}
),

final as (
    select
        account_id,
        user_id,
        local_date,
        event_name,
        count(*) as events,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from events
    group by account_id, user_id, local_date, event_name
)

select * from final
