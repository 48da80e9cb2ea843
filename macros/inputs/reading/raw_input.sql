{#
    One input with exactly its declared columns, cast and cleaned: an optional column that is missing reads as
    null, an optional input that is missing reads as empty, empty text reads as null.
    `found` says where the rows are: {'from': SQL, 'columns': {name: type}}, or none where there is no such input.
#}
{% macro raw_input(input, found, extra_columns=[]) -%}
{%- set declared = input_columns(input) -%}
{%- do require_columns(input, found, declared) -%}
{%- set columns -%}
    {%- for name, column in declared.items() %}
    {{ input_value(found, name, column.type) }} as {{ name }}
    {{- ',' if not loop.last or extra_columns }}
    {%- endfor %}
    {%- for extra in extra_columns %}
    {{ extra }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endset -%}
select
    {{- columns }}
{%- if found %}
from {{ rows_for(found, columns) }}
{%- else %}
{{ no_rows() }}
{%- endif %}
{%- endmacro %}

{# Where the rows of an input of the product are: a model, files on an embedded engine, a source table elsewhere. #}
{% macro product_input(input, required=false) %}
    {% if input_model(input) %}{% do return(rows_of_model(input)) %}{% endif %}
    {% set relation = source('product', input) %}
    {% if not execute %}{% do return(none) %}{% endif %}
    {% set found = adapter.dispatch('find_input', 'pql_warehouse')(input, relation) %}
    {% if required and not found %}
        {% do stop(
            "No '" ~ input ~ "' found: expected " ~ adapter.dispatch('input_address', 'pql_warehouse')(input, relation)
            ~ ". Run `make demo` for demo data, or see \"Your own data\" in the README."
        ) %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}

{# Where the rows of an input that is a seed are, unless it is a model; `dbt run` loads none. #}
{% macro seed_input(input) %}
    {% if input_model(input) %}{% do return(rows_of_model(input)) %}{% endif %}
    {% set relation = ref('pql_warehouse', input) %}
    {% if not execute %}{% do return(none) %}{% endif %}
    {% set found = default__find_input(none, relation) %}
    {% if not found and flags.WHICH == 'run' and not memo('not_loaded').get(relation.identifier) %}
        {% do memo('not_loaded').update({relation.identifier: true}) %}
        {% do say(
            "The seed '" ~ relation.identifier ~ "' is not loaded and reads as empty. `dbt build` loads it; before `dbt run`, `dbt seed` does."
        ) %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}

{% macro default__find_input(input, relation) %}
    {% set existing = load_relation(relation) %}
    {% if not existing %}{% do return(none) %}{% endif %}
    {% do memo('tables_read').update({existing | string: true}) %}
    {% set columns = {} %}
    {% for column in adapter.get_columns_in_relation(existing) %}
        {% do columns.update({column.name: column.dtype}) %}
    {% endfor %}
    {% do return({'from': existing | string, 'columns': columns}) %}
{% endmacro %}

{% macro default__input_address(input, relation) %}
    {% do return('the table ' ~ relation) %}
{% endmacro %}

{# Stops with every missing required column at once. #}
{% macro require_columns(input, found, declared) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set missing = [] %}
    {% for name, column in declared.items() if column.required and not input_column(found, name) and not input_column(found, column.or_by) %}
        {% do missing.append("'" ~ name ~ "'" ~ (" (or '" ~ column.or_by ~ "')" if column.or_by else '')) %}
    {% endfor %}
    {% if missing %}
        {% do stop(
            "'" ~ input ~ "' lacks the required column" ~ ('s ' if missing | length > 1 else ' ') ~ missing | join(', ')
            ~ ".\n  where:   " ~ (found.address or found['from'])
            ~ "\n  found:   " ~ found.columns | join(', ')
            ~ "\n  allowed: " ~ declared | join(', ')
            ~ "\n  hint:    rename the column in the export, or select it under this name in a view."
        ) %}
    {% endif %}
{% endmacro %}

{# The source's own spelling of a column, none where it is missing; names match whatever their case. #}
{% macro input_column(found, name) %}
    {% for column in found.columns if column | lower == name %}
        {% do return(column) %}
    {% endfor %}
    {% do return(none) %}
{% endmacro %}

{# One declared column of an input, read as its declared type. #}
{% macro input_value(found, name, type) %}
    {% set column = input_column(found, name) if found else none %}
    {% if not column %}
        {% do return('cast(null as ' ~ declared_type(type) ~ ')') %}
    {% endif %}
    {% set source_type = found.columns[column] | upper %}
    {% set text = adapter.dispatch('column_text', 'pql_warehouse')(quoted_name(column), source_type) %}
    {% if type == 'timestamp' and (source_type.startswith('TIMESTAMP') or source_type.startswith('DATE')) %}
        {% do return(adapter.dispatch('column_timestamp', 'pql_warehouse')(quoted_name(column), source_type, text)) %}
    {% elif type == 'timestamp' %}
        {% do return(text_to_moment(text)) %}
    {% elif type == 'number' %}
        {% do return(text_to_number(text)) %}
    {% endif %}
    {% set text = 'nullif(' ~ text ~ ", '')" %}
    {% do return(unless_placeholder(text) if type == 'id' else text) %}
{% endmacro %}

{% macro declared_type(type) %}
    {% do return({'text': dbt.type_string(), 'id': dbt.type_string(), 'timestamp': dbt.type_timestamp(), 'number': type_measure()}[type]) %}
{% endmacro %}

{% macro default__column_text(column, source_type) %}
    {% do return('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') %}
{% endmacro %}

{% macro default__column_timestamp(column, source_type, text) %}
    {% if source_type.startswith('TIMESTAMP') or source_type == 'DATE' %}
        {% do return('cast(' ~ column ~ ' as ' ~ dbt.type_timestamp() ~ ')') %}
    {% endif %}
    {% do return(text_to_timestamp(text)) %}
{% endmacro %}

{# The file that a row stands in, null where the rows are those of a table. #}
{% macro file_of(found) %}
    {% do return(found.file if found and found.file else 'cast(null as ' ~ dbt.type_string() ~ ')') %}
{% endmacro %}

{# A column of an input as the text it came as. #}
{% macro raw_text(found, name) %}
    {% do return(input_value(found, name, 'text')) %}
{% endmacro %}

{# All columns of an input as one JSON object, declared ones under their declared names. #}
{% macro attributes_json(input, found) %}
    {% if not found %}{% do return(raw_text(none, 'attributes')) %}{% endif %}
    {% set columns = {} %}
    {% for column in found.columns %}
        {% do columns.update({(column | lower if column | lower in input_columns(input) else written_name(column)): column}) %}
    {% endfor %}
    {% do return(row_json(found, columns) if found.lines else json_object(columns)) %}
{% endmacro %}

{# Some columns of a row as one JSON object, {key: column}, without those that are null. #}
{% macro row_json(found, columns) %}
    {% do return(line_json(found, columns) if found.lines else json_of_values(columns)) %}
{% endmacro %}

{# The rows of an input, for a query that names just some of its columns. #}
{% macro rows_for(found, query) %}
    {% do return(json_rows_for(found, query) if found.lines else found['from']) %}
{% endmacro %}
