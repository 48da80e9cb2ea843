{% macro duckdb__not_materialized() -%} not materialized {%- endmacro %}
