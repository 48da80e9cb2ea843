{%- set as_of = var('pql_as_of', none) %}

with events as (
    select * from {{ ref('pql_warehouse', 'int_event_counts') }}
),

final as (
    select
            {% if as_of is not none -%}
        {{ text_to_timestamp(text_literal(as_of)) }} as as_of
        {%- else -%}
        least(max(last_occurred_at), coalesce(max(last_received_at), max(last_occurred_at))) as as_of
        {%- endif %}
    {% if as_of is none %}from events{% endif %}
)

select * from final
