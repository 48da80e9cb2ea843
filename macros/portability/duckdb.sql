{% macro duckdb__not_materialized() -%} not materialized {%- endmacro %}

{# Where one file has timestamps with a time zone and another has them without, DuckDB reads these in the machine's own. #}
{% macro duckdb__prepare_engine() -%} set global TimeZone = 'UTC' {%- endmacro %}
