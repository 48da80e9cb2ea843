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

{# Whether rows of a table can be deleted and put back in one transaction; elsewhere every build is a whole one. #}
{% macro can_rewrite() %}
    {% if is_dbt_v2() %}{% do return(false) %}{% endif %}
    {{- return(adapter.dispatch('can_rewrite', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__can_rewrite() %}{% do return(true) %}{% endmacro %}

{#
    What keeps an engine from writing out a CTE of many rows that is read more than once: `cte as {{ not_materialized() }} (`.
    Most read it anew each time by themselves.
#}
{% macro not_materialized() %}
    {{- return(adapter.dispatch('not_materialized', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__not_materialized() %}{% endmacro %}

{#
    Ends a subquery whose columns are worked out once; PostgreSQL else writes each in the place of all its mentions, and
    theirs in turn, until a plan takes minutes.
#}
{% macro worked_out_once() %}
    {{- return(adapter.dispatch('worked_out_once', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__worked_out_once() %}{% endmacro %}

{# Ends a select of values, so that it has no row: not every engine takes a `where` without a `from`. #}
{% macro no_rows() -%}
from (select 1 as one) as one_row
where false
{%- endmacro %}

{# How a model is kept that a build rewrites where something changed. #}
{% macro rewritable() %}
    {% do return('incremental' if can_rewrite() else 'table') %}
{% endmacro %}

{# Statements of which all happen or none. On most engines dbt has opened a transaction that they are in. #}
{% macro in_one_transaction(statements) %}
    {{- return(adapter.dispatch('in_one_transaction', 'pql_warehouse')(statements)) -}}
{% endmacro %}

{% macro default__in_one_transaction(statements) -%}
{{ statements }}
{%- endmacro %}

{# Takes the rows for which a condition is true out of a table that builds only add to. #}
{% macro remove_rows(relation, condition) %}
    {{- return(adapter.dispatch('remove_rows', 'pql_warehouse')(relation, condition)) -}}
{% endmacro %}

{% macro default__remove_rows(relation, condition) %}
    {% do run_query('delete from ' ~ relation ~ ' where ' ~ condition) %}
{% endmacro %}

{# Gives a column of a table that builds only add to its right value in the rows for which a condition is true. #}
{% macro put_right(relation, column, value, condition) %}
    {% if not execute or not load_relation(relation) %}{% do return('') %}{% endif %}
    {% if run_query('select 1 as found from ' ~ relation ~ ' where ' ~ condition ~ ' limit 1').rows | length %}
        {% do adapter.dispatch('set_column', 'pql_warehouse')(relation, column, value, condition) %}
    {% endif %}
    {% do return('') %}
{% endmacro %}

{% macro default__set_column(relation, column, value, condition) %}
    {% do run_query('update ' ~ relation ~ ' set ' ~ column ~ ' = ' ~ value ~ ' where ' ~ condition) %}
{% endmacro %}

{# Between two queries: the different rows of the first that the second does not have. #}
{% macro without_rows_of() %}{% do return(dbt.except()) %}{% endmacro %}

{# Makes a table of a query's rows, outside of any model. #}
{% macro make_table(relation, sql) %}
    {{- return(adapter.dispatch('make_table', 'pql_warehouse')(relation, sql)) -}}
{% endmacro %}

{% macro default__make_table(relation, sql) %}
    {% do run_query('create table ' ~ relation ~ ' as ' ~ sql) %}
{% endmacro %}

{# The name of a column as its table was written with: it is the name of an attribute. #}
{% macro written_name(column) %}
    {{- return(adapter.dispatch('written_name', 'pql_warehouse')(column)) -}}
{% endmacro %}

{% macro default__written_name(column) %}{% do return(column) %}{% endmacro %}

{#
    Whether one of some conditions holds. A word alone stands without parentheses: Spark takes the `where (false)` after a table
    for another name of it, whose one column is called `false`.
#}
{% macro any_of(conditions) %}
    {% do return('(' ~ conditions | join(') or (') ~ ')' if conditions | length > 1 else conditions[0] if conditions else 'false') %}
{% endmacro %}

{# {type of a target: what its engine is called}. #}
{% macro engines() %}
    {% do return({
        'duckdb': 'DuckDB',
        'postgres': 'PostgreSQL',
        'spark': 'Spark',
        'databricks': 'Databricks',
        'snowflake': 'Snowflake',
        'bigquery': 'BigQuery',
    }) %}
{% endmacro %}

{# An engine of another kind would fail somewhere in a build, or be told another's dialect, as Redshift PostgreSQL's. #}
{% macro refuse_other_engines() %}
    {% if target.type and target.type not in engines() %}
        {% set names = engines().values() | list %}
        {% do stop(
            'pql_warehouse does not run on ' ~ target.type ~ ', but on ' ~ names[:-1] | join(', ') ~ ' and ' ~ names[-1]
            ~ ' (docs/engines.md). Nothing was changed.'
        ) %}
    {% endif %}
{% endmacro %}
