{{ configured(
    materialized=rewritable(),
    incremental_strategy='rewrite_detailed_days',
    **physical_design('local_date', 'account_id')
) }}

{%- set kept = last_rows() if details_are_kept() else none %}

with events as (
    select * from {{ ref('pql_warehouse', 'int_events_attributed') }}
    where {{ is_among('event_name', detailed_event_names()) }}
),

affected as (
    select * from {{ ref('pql_warehouse', 'int_affected_days') }}
),

final as (
    select
        events.account_id,
        events.user_id,
        events.event_name,
        {{ property_columns(pql_criteria('behaviour'), 'events') | indent(8) }}
        events.local_date,
        events.occurred_at,
        events.event_count as events,
        {{ text_literal(details_version()) }} as details_version
    from events
    {% if kept -%}
    inner join affected
        on events.account_id = affected.account_id
        and events.local_date = affected.local_date
    where {{ on_dates_of('events.occurred_at', ref('pql_warehouse', 'int_affected_days'), 'local_date') }}
    {%- endif %}
)

select * from final
