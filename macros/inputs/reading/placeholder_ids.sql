{# The words that front ends send where they have no id, trimmed and in lower case. #}
{% macro placeholder_ids() %}
    {% set words = [] %}
    {% for word in pql_raw_config().pql_placeholder_ids %}{% do words.append(word | string | trim | lower) %}{% endfor %}
    {% do return(words | unique | list) %}
{% endmacro %}

{#
    Whether text that was read as an id is such a word. What is longer than all of them is not looked at: most ids are. DuckDB
    makes a join of each `in` of several words, of every row with its columns; so they are compared one by one.
#}
{% macro is_placeholder(id) -%}
{%- if placeholder_ids() -%}
case
    when length({{ id }}) <= {{ placeholder_ids() | map('length') | max }} or {{ id }} like ' %' or {{ id }} like '% '
        then {% for word in placeholder_ids() %}lower(trim({{ id }})) = {{ text_literal(word) }}{{ ' or ' if not loop.last }}{% endfor %}
    else false
end
{%- else -%}
false
{%- endif -%}
{%- endmacro %}

{# An id, null where a word stands in its place. #}
{% macro unless_placeholder(id) %}
    {% do return('case when not ' ~ is_placeholder(id) ~ ' then ' ~ id ~ ' end' if placeholder_ids() else id) %}
{% endmacro %}

{# The first of some ids that is such a word, null where none is. #}
{% macro placeholder_among(ids) %}
    {% if not ids or not placeholder_ids() %}{% do return('cast(null as ' ~ dbt.type_string() ~ ')') %}{% endif %}
    {% set found = [] %}
    {% for id in ids %}{% do found.append('when ' ~ is_placeholder(id) ~ ' then ' ~ id) %}{% endfor %}
    {% do return('case ' ~ found | join(' ') ~ ' end') %}
{% endmacro %}

{# The columns of an input that hold ids. #}
{% macro id_columns(input) %}
    {% set names = [] %}
    {% for name, column in input_columns(input).items() if column.type == 'id' %}{% do names.append(name) %}{% endfor %}
    {% do return(names) %}
{% endmacro %}
