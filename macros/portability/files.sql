{# What tells one state of a file from another, as rows (file, version); only embedded engines read files. #}
{% macro file_versions(files) %}
    {{- return(adapter.dispatch('file_versions', 'pql_warehouse')(files)) -}}
{% endmacro %}

{% macro default__file_versions(files) -%}
select cast(null as {{ dbt.type_string() }}) as file, cast(null as {{ dbt.type_string() }}) as version
where 1 = 0
{%- endmacro %}
