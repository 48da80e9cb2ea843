with runs as (
    select * from {{ ref('pql_warehouse', 'int_runs_to_time') }}
),

events as (
    select * from {{ ref('pql_warehouse', 'int_events_attributed') }}
    where {{ on_dates_of('occurred_at', ref('pql_warehouse', 'int_runs_to_time'), 'starts_on') }}
),

final as (
    select
        events.account_id,
        events.user_id,
        events.event_name,
        {{ property_columns(pql_criteria('behaviour'), 'events') | indent(8) }}
        events.local_date,
        events.occurred_at,
        events.event_count as events
    from events
    inner join runs
        on events.account_id = runs.account_id
        and events.local_date = runs.starts_on
)

select * from final
