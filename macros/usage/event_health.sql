{# An event is judged if it came at least so often on these weekdays of each of the four weeks before. #}
{% macro event_health_least() %}{% do return(20) %}{% endmacro %}

{# Warnings about events whose tracking seems to have broken: rows (message). #}
{% macro messages_about_health(health) -%}
{%- set text = dbt.type_string() -%}
select concat(
    {{ text_literal("The event '") }}, event_name, {{ text_literal("' came ") }}, cast(events_last_days as {{ text }}),
    {{ text_literal(' times in the last three days and at least ') }}, cast(events_weakest_days as {{ text }}),
    {{ text_literal(' on these weekdays of each of the four weeks before. ') }}, cast(accounts_active - accounts_using as {{ text }}),
    {{ text_literal(' of ') }}, cast(accounts_active as {{ text }}),
    {{ text_literal(' accounts that used it go on without it: its tracking may be broken.') }},
    coalesce(concat({{ text_literal(" Is it now called '") }}, may_be_called, {{ text_literal("'?") }}), '')
) as message
from {{ health }}
where verdict = 'tracking'
{%- endmacro %}
