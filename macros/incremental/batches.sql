{# The different values of a column, as a list; none where the table is not built yet, or is a unit test's. #}
{% macro values_of(table, column, condition) %}
    {% if not execute or not table.schema or not load_relation(table) %}{% do return([]) %}{% endif %}
    {% set query = 'select distinct ' ~ column ~ ' as found from ' ~ table ~ ' where ' ~ condition ~ ' order by found' %}
    {% do return(run_query(query).columns[0].values() | list) %}
{% endmacro %}

{#
    The day, as text, from which on the rows of a table are compared with those of the last build; none for all days.
    Earlier days are taken to be as they were.
#}
{% macro look_back_from() %}
    {% set days = pql_raw_config().pql_look_back_days %}
    {% if days == 'none' %}{% do return(none) %}{% endif %}
    {% do return((run_started_at - modules.datetime.timedelta(days=days)).strftime('%Y-%m-%d')) %}
{% endmacro %}

{# A row of a table that a build looks at again. #}
{% macro lies_in_look_back(received_at) -%}
{%- if look_back_from() -%}
({{ received_at }} is null or {{ received_at }} >= {{ moment_literal(look_back_from()) }})
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{# A batch of rows of a table that a build does not look at again; its name ends with its day. #}
{% macro lies_before_look_back(kind, name) -%}
{%- if look_back_from() -%}
{{ kind }} = 'day' and {{ name }} not like '% never' and {{ dbt.right(name, 10) }} < '{{ look_back_from() }}'
{%- else -%}
false
{%- endif -%}
{%- endmacro %}

{# What tells one state of a set of rows from another: their number, and a sum of hashes of them as they came. #}
{% macro rows_version() -%}
concat(
    cast(count(*) as {{ dbt.type_string() }}), ' ',
    {{ sum_of_hashes(['event_id', 'occurred_at', 'occurred_at_text', 'event_name', 'user_id', 'account_id', 'anonymous_id', 'properties_text', 'event_count_text', 'placeholder_id']) }}
)
{%- endmacro %}

{# A number, as text, that changes with any of the rows of a group. #}
{% macro sum_of_hashes(columns) -%}
cast(sum(cast({{ hash_number(row_text(columns)) }} as {{ dbt.type_numeric() }})) as {{ dbt.type_string() }})
{%- endmacro %}

{# Several columns as one text. #}
{% macro row_text(columns) -%}
concat(
    {%- for column in columns %}coalesce(cast({{ column }} as {{ dbt.type_string() }}), '∅'){{ ", '|', " if not loop.last }}{% endfor -%}
)
{%- endmacro %}
