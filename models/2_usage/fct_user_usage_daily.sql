{{ config(
    materialized=rewritable(),
    incremental_strategy='rewrite_account_days',
    on_schema_change='append_new_columns',
    **physical_design('local_date', 'account_id')
) }}

{%- set kept = kept() %}

with events as (
    select * from {{ ref('pql_warehouse', 'int_events_attributed') }}
    {% if kept %}where {{ on_dates_of('occurred_at', ref('pql_warehouse', 'int_touched_days'), 'local_date') }}{% endif %}
),

touched as (
    select * from {{ ref('pql_warehouse', 'int_touched_days') }}
),

final as (
    select
        events.account_id,
        events.user_id,
        events.local_date,
        events.event_name,
        cast(sum(events.event_count) as bigint) as events,
        min(events.occurred_at) as first_event_at,
        max(events.occurred_at) as last_event_at
    from events
    {% if kept -%}
    inner join touched
        on events.account_id = touched.account_id
        and events.local_date = touched.local_date
    {%- endif %}
    group by events.account_id, events.user_id, events.local_date, events.event_name
)

select * from final
