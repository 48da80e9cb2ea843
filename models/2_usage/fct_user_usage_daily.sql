{{ config(
    materialized=rewritable(),
    incremental_strategy='rewrite_account_days',
    on_schema_change='append_new_columns',
    **physical_design('local_date', 'account_id')
) }}

{%- set kept = last_rows() %}

with used as (
    select * from {{ ref('pql_warehouse', 'int_events_attributed') }}
    {% if kept %}where {{ on_dates_of('occurred_at', ref('pql_warehouse', 'int_affected_days'), 'local_date') }}{% endif %}
),

affected as (
    select * from {{ ref('pql_warehouse', 'int_affected_days') }}
),

final as (
    select
        used.account_id,
        used.user_id,
        used.local_date,
        used.event_name,
        cast(sum(used.event_count) as bigint) as events,
        min(used.occurred_at) as first_event_at,
        max(used.occurred_at) as last_event_at
    from used
    {% if kept -%}
    inner join affected
        on used.account_id = affected.account_id
        and used.local_date = affected.local_date
    {%- endif %}
    group by used.account_id, used.user_id, used.local_date, used.event_name
)

select * from final
