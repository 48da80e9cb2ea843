{#
    How a large table lies on disk, as settings of its model: by a day, and within it by account. A day's build touches
    some accounts on some days, and these are what it should read. DuckDB needs nothing: it keeps the least and the
    greatest value of every 122,880 rows.
#}
{% macro physical_design(day, account=none) %}
    {{- return(adapter.dispatch('physical_design', 'pql_warehouse')(day, account)) -}}
{% endmacro %}

{% macro default__physical_design(day, account) %}{% do return({}) %}{% endmacro %}

{# Rows are found by account and day; the deliveries, which have no account, are read as a whole. #}
{% macro postgres__physical_design(day, account) %}
    {% do return({'indexes': [{'columns': [account, day]}]} if account else {}) %}
{% endmacro %}

{% macro redshift__physical_design(day, account) %}
    {% do return({'sort': day, 'dist': account} if account else {'sort': day}) %}
{% endmacro %}

{% macro snowflake__physical_design(day, account) %}
    {% do return({'cluster_by': ['cast(' ~ day ~ ' as date)', account] | select | list}) %}
{% endmacro %}

{% macro bigquery__physical_design(day, account) %}
    {% set type = 'date' if account else 'timestamp' %}
    {% set partition = {'field': day, 'data_type': type, 'granularity': 'day'} %}
    {% do return({'partition_by': partition, 'cluster_by': [account]} if account else {'partition_by': partition}) %}
{% endmacro %}

{# A folder for every day; that of a delivery is its batch, the day received of one source. #}
{% macro spark__physical_design(day, account) %}
    {% do return({'partition_by': [day if account else 'batch_id']}) %}
{% endmacro %}

{% macro databricks__physical_design(day, account) %}
    {% do return({'liquid_clustered_by': [day, account] | select | list}) %}
{% endmacro %}
