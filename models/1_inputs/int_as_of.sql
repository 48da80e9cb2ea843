{%- set as_of = var('pql_as_of', none) %}

with events as (
    select * from {{ ref('pql_warehouse', 'stg_product__events') }}
),

final as (
    select
            {% if as_of is not none -%}
        {{ text_to_timestamp(text_literal(as_of)) }} as as_of
        {%- else -%}
        least(max(occurred_at), coalesce(max(received_at), max(occurred_at))) as as_of
        {%- endif %}
    {% if as_of is none %}from events{% endif %}
)

select * from final
