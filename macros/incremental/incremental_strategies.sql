{#
    How the incremental models are written: what is to be redone is deleted and put back in one transaction. A model that
    is built anew is emptied first.
#}
{% macro rewritten(arguments, stale) %}
    {{- return(adapter.dispatch('rewritten', 'pql_warehouse')(arguments, stale)) -}}
{% endmacro %}

{% macro default__rewritten(arguments, stale) -%}
{%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
{%- set statements -%}
delete from {{ arguments.target_relation }}{% if built_settings() %}
where {{ stale }}{% endif %};
insert into {{ arguments.target_relation }} ({{ columns }})
select {{ columns }} from {{ arguments.temp_relation }}
{%- endset -%}
{{ in_one_transaction(statements) }}
{%- endmacro %}

{# Deliveries: those of the batches that changed, and all of the ids that came with them. #}
{% macro get_incremental_rewrite_deliveries_sql(arguments) -%}
{{ rewritten(arguments, "reason = 'withdrawn' or batch_id in (select batch_id from " ~ stored('int_event_batches')
    ~ ' where is_changed) or event_key in (select event_key from ' ~ arguments.temp_relation ~ ')') }}
{%- endmacro %}

{# Rows of one event: those of the events whose attribution may have changed. #}
{% macro get_incremental_rewrite_events_sql(arguments) -%}
{{ rewritten(arguments, 'event_key in (select event_key from ' ~ stored('int_touched_events') ~ ')') }}
{%- endmacro %}

{# Usage: that of the account's days on which something changed. #}
{% macro get_incremental_rewrite_account_days_sql(arguments) -%}
{{ rewritten(arguments, on_touched_days(arguments.target_relation.identifier)) }}
{%- endmacro %}

{# The same; all of it where other events are read in detail than before. #}
{% macro get_incremental_rewrite_detailed_days_sql(arguments) -%}
{{ rewritten(arguments, on_touched_days(arguments.target_relation.identifier) if details_are_kept() else '1 = 1') }}
{%- endmacro %}

{# The days are spelt out as well, so that an engine with a folder for each opens no other. #}
{% macro on_touched_days(table) -%}
{%- set days = values_of(stored('int_touched_days'), 'cast(local_date as ' ~ dbt.type_string() ~ ')', 'local_date is not null') -%}
{{ table }}.local_date in ({% for day in days or ['0001-01-01'] %}cast('{{ day }}' as date){{ ', ' if not loop.last }}{% endfor %})
and exists (
    select 1 from {{ stored('int_touched_days') }} as touched
    where touched.account_id = {{ table }}.account_id and touched.local_date = {{ table }}.local_date
)
{%- endmacro %}

{# What follows from an account's usage and attributes: that of the accounts to be redone. #}
{% macro get_incremental_rewrite_accounts_sql(arguments) -%}
{{ rewritten(arguments, 'account_id in (select account_id from ' ~ stored('int_accounts_changed') ~ ')') }}
{%- endmacro %}

{# Rolling usage: that of the accounts to be redone, from the first day that may differ. #}
{% macro get_incremental_rewrite_rolling_days_sql(arguments) -%}
{{ rewritten(arguments, 'exists (select 1 from ' ~ stored('int_rolling_days_changed') ~ ' as changed where changed.account_id = '
    ~ arguments.target_relation.identifier ~ '.account_id and ' ~ arguments.target_relation.identifier ~ '.local_date >= changed.changes_from)') }}
{%- endmacro %}
