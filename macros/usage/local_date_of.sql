{# The local date of a moment, by the map of UTC dates and zones (int_local_dates) that its row was joined with. #}
{% macro local_date_of(moment, local_dates) -%}
case
    when {{ moment }} < {{ local_dates }}.last_local_date_starts_at then {{ local_dates }}.first_local_date
    else {{ local_dates }}.last_local_date
end
{%- endmacro %}

{# The moment that an input gives, of a bare date the first instant of that local day. #}
{% macro moment_of(moment, is_known_to_day, zone) -%}
case
    when {{ is_known_to_day }} then {{ local_midnight('cast(' ~ moment ~ ' as date)', zone) | indent(4) }}
    else {{ moment }}
end
{%- endmacro %}
