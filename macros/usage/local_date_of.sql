{# The local date of a moment, by the map of UTC dates and zones (int_local_dates) that its row was joined with. #}
{% macro local_date_of(moment, local_dates) -%}
case
    when {{ moment }} < {{ local_dates }}.last_local_date_starts_at then {{ local_dates }}.first_local_date
    else {{ local_dates }}.last_local_date
end
{%- endmacro %}
