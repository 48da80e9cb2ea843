{# What tells one state of a file from another, as rows (file, version), none of no files; only embedded engines read files. #}
{% macro file_versions(files) %}
    {{- return(adapter.dispatch('file_versions', 'pql_warehouse')(files) if files else default__file_versions(files)) -}}
{% endmacro %}

{% macro default__file_versions(files) -%}
select cast(null as {{ dbt.type_string() }}) as file, cast(null as {{ dbt.type_string() }}) as version
where 1 = 0
{%- endmacro %}
