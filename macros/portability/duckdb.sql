{% macro duckdb__not_materialized() -%} not materialized {%- endmacro %}

{# Where one file has timestamps with a time zone and another has them without, DuckDB reads these in the machine's own. #}
{% macro duckdb__prepare_engine() -%}
set global TimeZone = 'UTC'
{%- if execute and flags.WHICH in ['build', 'run'] %};
{{ make_files_read() }}
{%- endif %}
{%- endmacro %}
