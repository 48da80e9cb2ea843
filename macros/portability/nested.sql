{# Nested columns and numeric clocks, as trackers deliver them. #}

{# The text at a path inside JSON text; a number in the path is a place in a list. Null where absent or not JSON. #}
{% macro json_path_text(json, keys) %}
    {{- return(adapter.dispatch('json_path_text', 'pql_warehouse')(json, keys)) -}}
{% endmacro %}

{% macro json_dollar_path(keys) -%}
{%- set path = ['$'] -%}
{%- for key in keys %}{% do path.append('[' ~ key ~ ']' if key.isdigit() else "['" ~ key ~ "']") %}{% endfor -%}
{{ path | join }}
{%- endmacro %}

{# Text as a UTC moment: as text_to_timestamp reads it, or a number of seconds, milli-, micro- or nanoseconds since 1970. #}
{% macro text_to_moment(text) -%}
case
    when {{ is_epoch(text) }} then {{ epoch_to_timestamp(epoch_seconds(text)) }}
    else {{ text_to_timestamp(text) }}
end
{%- endmacro %}

{# Nine digits or more, so that a date such as 20260601 is none. #}
{% macro is_epoch(text) %}
    {{- return(adapter.dispatch('is_epoch', 'pql_warehouse')(text)) -}}
{% endmacro %}

{# The unit shows in the size: seconds have at most 11 digits, milliseconds 14, microseconds 17. #}
{% macro epoch_seconds(text) -%}
{%- set number = text_to_number(text) -%}
case
    when {{ number }} < 100000000000 then {{ number }}
    when {{ number }} < 100000000000000 then {{ number }} / 1000
    when {{ number }} < 100000000000000000 then {{ number }} / 1000000
    else {{ number }} / 1000000000
end
{%- endmacro %}

{% macro epoch_to_timestamp(seconds) %}
    {{- return(adapter.dispatch('epoch_to_timestamp', 'pql_warehouse')(seconds)) -}}
{% endmacro %}

{# A list of {key, value: {string_value, int_value, …}} as one JSON object: GA4's parameters. `list` is JSON text. #}
{% macro keyed_values_json(list) %}
    {{- return(adapter.dispatch('keyed_values_json', 'pql_warehouse')(list)) -}}
{% endmacro %}

{% macro keyed_value_names() %}
    {% do return(['string_value', 'int_value', 'double_value', 'float_value']) %}
{% endmacro %}

{# JSON text with its keys in one order and without its nulls, as lines `key=value`; other text as it is. To be compared only. #}
{% macro ordered_json(json) %}
    {{- return(adapter.dispatch('ordered_json', 'pql_warehouse')(json)) -}}
{% endmacro %}

{# What joins a row with each element of a JSON list, `list` being JSON text; `list_element` is the element as text. #}
{% macro each_of_list(list) %}
    {{- return(adapter.dispatch('each_of_list', 'pql_warehouse')(list)) -}}
{% endmacro %}

{% macro list_element() %}
    {{- return(adapter.dispatch('list_element', 'pql_warehouse')()) -}}
{% endmacro %}
