{# What an engine needs in place before the first model; most need nothing. #}
{% macro prepare_engine() %}
    {{- return(adapter.dispatch('prepare_engine', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__prepare_engine() %}{% endmacro %}

{# Tells an engine that plans by statistics what a new table holds; most find out by themselves. #}
{% macro gather_statistics(relation, materialized) %}
    {{- return(adapter.dispatch('gather_statistics', 'pql_warehouse')(relation, materialized)) -}}
{% endmacro %}

{% macro default__gather_statistics(relation, materialized) %}{% endmacro %}
