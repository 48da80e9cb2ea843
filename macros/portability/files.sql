{# The batches of events that are files, as rows (batch_id, batch_file, version); only embedded engines read files. #}
{% macro event_files() %}
    {{- return(adapter.dispatch('event_files', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__event_files() -%}
select
    cast(null as {{ dbt.type_string() }}) as batch_id,
    cast(null as {{ dbt.type_string() }}) as batch_file,
    cast(null as {{ dbt.type_string() }}) as version
{{ no_rows() }}
{%- endmacro %}

{# Whether some events stand in tables, whose days are the batches. #}
{% macro events_are_in_tables() %}
    {{- return(adapter.dispatch('events_are_in_tables', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__events_are_in_tables() %}{% do return(true) %}{% endmacro %}

{# What of the files themselves decides how events are read, besides their columns; only embedded engines read files. #}
{% macro names_in_files() %}
    {{- return(adapter.dispatch('names_in_files', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__names_in_files() %}{% do return([]) %}{% endmacro %}

{# The inputs whose files a query reads, by name; only embedded engines read files. #}
{% macro files_read_by(sql) %}
    {{- return(adapter.dispatch('files_read_by', 'pql_warehouse')(sql)) -}}
{% endmacro %}

{% macro default__files_read_by(sql) %}{% do return([]) %}{% endmacro %}

{# What tells one state of the files of such an input from another. #}
{% macro version_of_files(name) %}
    {{- return(adapter.dispatch('version_of_files', 'pql_warehouse')(name)) -}}
{% endmacro %}

{% macro default__version_of_files(name) %}{% do return(none) %}{% endmacro %}
