{#
    How a large table lies on disk, as settings of its model: by a day, and within it by account. A day's build touches
    some accounts on some days, and these are what it should read. DuckDB needs nothing: it keeps the least and the
    greatest value of every 122,880 rows.
#}
{% macro physical_design(day, account=none) %}
    {{- return(adapter.dispatch('physical_design', 'pql_warehouse')(day, account)) -}}
{% endmacro %}

{% macro default__physical_design(day, account) %}{% do return({}) %}{% endmacro %}
