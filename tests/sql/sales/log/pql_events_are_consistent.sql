-- numbers without gaps, time that runs forward, one announcement per cool-down, silent backfills
with log as (
    select
        *,
        row_number() over (partition by pql_account_id order by event_seq) as expected_seq,
        lag(event_at) over (partition by pql_account_id order by event_seq) as previous_event_at
    from {{ ref('pql_warehouse', 'fct_pql_events') }}
),

announced as (
    select
        *,
        lag(cooldown_until) over (partition by pql_account_id order by event_seq) as previous_cooldown_until
    from {{ ref('pql_warehouse', 'fct_pql_events') }}
    where is_notifiable
)

select pql_event_id from log
where
    event_seq <> expected_seq
    or event_at < previous_event_at
    or event_at > detected_at
    or (is_backfill and is_notifiable)
union all
select pql_event_id from announced
where cast(detected_at as date) < previous_cooldown_until
