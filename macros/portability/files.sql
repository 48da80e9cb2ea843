{# What tells one state of a file from another, as rows (file, version), none of no files; only embedded engines read files. #}
{% macro file_versions(files) %}
    {{- return(adapter.dispatch('file_versions', 'pql_warehouse')(files) if files else default__file_versions(files)) -}}
{% endmacro %}

{% macro default__file_versions(files) -%}
select cast(null as {{ dbt.type_string() }}) as file, cast(null as {{ dbt.type_string() }}) as version
{{ no_rows() }}
{%- endmacro %}

{# What of the files themselves decides how events are read, besides their columns; only embedded engines read files. #}
{% macro names_in_files() %}
    {{- return(adapter.dispatch('names_in_files', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__names_in_files() %}{% do return([]) %}{% endmacro %}
