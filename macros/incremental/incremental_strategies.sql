{#
    How the incremental models are written: what is to be computed again, by any of the conditions, is deleted and put back in one
    transaction. A model that is built anew is emptied first.
#}
{% macro rewritten(arguments, conditions) %}
    {{- return(adapter.dispatch('rewritten', 'pql_warehouse')(arguments, conditions)) -}}
{% endmacro %}

{# Where nothing is to be deleted and nothing comes, nothing is done, and who reads the table is told so. #}
{% macro default__rewritten(arguments, conditions) -%}
{%- set conditions = conditions if built_settings() else ['true'] -%}
{%- set is_changed = is_any(arguments.temp_relation, ['true']) or is_any(arguments.target_relation, conditions) -%}
{%- do note_rewriting(is_changed) -%}
{%- if not is_changed %}{{ return('select 1 as nothing_changed') }}{% endif -%}
{%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
{%- set statements -%}
{% for condition in conditions -%}
delete from {{ arguments.target_relation }} where {{ condition }};
{% endfor -%}
insert into {{ arguments.target_relation }} ({{ columns }})
select {{ columns }} from {{ arguments.temp_relation }}
{%- endset -%}
{{ in_one_transaction(statements) }}
{%- endmacro %}

{# Whether a table has a row for which one of some conditions is true. #}
{% macro is_any(table, conditions) %}
    {% set rows = [] %}
    {% for condition in conditions %}{% do rows.append('exists (select 1 from ' ~ table ~ ' where ' ~ condition ~ ')') %}{% endfor %}
    {% do return(run_query('select case when ' ~ rows | join(' or ') ~ ' then 1 else 0 end as is_any').columns[0].values()[0] == 1) %}
{% endmacro %}

{#
    Deliveries: those of the batches that changed, and those of other batches that were judged again. Each is a statement
    of its own, which an engine answers without reading the whole table.
#}
{% macro get_incremental_rewrite_deliveries_sql(arguments) -%}
{%- set batches = changed_batches(stored('int_event_batches')) -%}
{%- set again = ' from ' ~ arguments.temp_relation ~ ' where batch_id not in (' ~ batches ~ ')' -%}
{%- set conditions = ["reason = 'withdrawn'", 'batch_id in (' ~ batches ~ ')'] -%}
{%- for among_compared in received_with_what_changed() -%}
{%- do conditions.append(
    'event_key in (select event_key' ~ again ~ ') and occurred_at in (select occurred_at' ~ again ~ ') and ' ~ among_compared
    ~ (' and not ' ~ is_only_compared_with() if duplicates_within_days() else '')
) -%}
{%- endfor -%}
{{ rewritten(arguments, conditions) }}
{%- endmacro %}

{# Counts: those of the batches of which a delivery was judged. #}
{% macro get_incremental_rewrite_batches_sql(arguments) -%}
{{ rewritten(arguments, ['batch_id in (' ~ judged_batches(stored('int_event_batches')) ~ ')']) }}
{%- endmacro %}

{# Rows of one event: those of the events whose attribution may have changed. #}
{% macro get_incremental_rewrite_events_sql(arguments) -%}
{{ rewritten(arguments, ['event_id in (select event_id from ' ~ stored('int_affected_events') ~ ')']) }}
{%- endmacro %}

{# Affected days: those of a build that was stopped stay until a whole one has been through. #}
{% macro get_incremental_rewrite_affected_days_sql(arguments) -%}
{%- set table = arguments.target_relation.identifier -%}
{{ rewritten(arguments, [
    'affected_in_build < ' ~ build_number(),
    'exists (select 1 from ' ~ arguments.temp_relation ~ ' as again where again.account_id = ' ~ table
        ~ '.account_id and again.local_date = ' ~ table ~ '.local_date)',
]) }}
{%- endmacro %}

{# Usage: that of the account's days on which something changed. #}
{% macro get_incremental_rewrite_account_days_sql(arguments) -%}
{{ rewritten(arguments, [on_affected_days(arguments.target_relation.identifier)]) }}
{%- endmacro %}

{# The same; all of it where criteria read other events or properties than before. #}
{% macro get_incremental_rewrite_detailed_days_sql(arguments) -%}
{{ rewritten(arguments, [on_affected_days(arguments.target_relation.identifier) if details_are_kept() else 'true']) }}
{%- endmacro %}

{# The days are spelt out as well, so that an engine with a folder for each opens no other. #}
{% macro on_affected_days(table) -%}
{%- set days = values_of(stored('int_affected_days'), 'cast(local_date as ' ~ dbt.type_string() ~ ')', 'local_date is not null') -%}
{{ table }}.local_date in ({% for day in days %}cast('{{ day }}' as date){{ ', ' if not loop.last }}{% else %}{{ first_date() }}{% endfor %})
and exists (
    select 1 from {{ stored('int_affected_days') }} as affected
    where affected.account_id = {{ table }}.account_id and affected.local_date = {{ table }}.local_date
)
{%- endmacro %}

{# What a build compares with the last whole one; it goes on from what a build stopped since has found. #}
{% macro get_incremental_rewrite_all_sql(arguments) -%}
{{ rewritten(arguments, ['true']) }}
{%- endmacro %}

{# What follows from an account's usage and attributes: that of the accounts to evaluate. #}
{% macro get_incremental_rewrite_accounts_sql(arguments) -%}
{{ rewritten(arguments, ['account_id in (select account_id from ' ~ stored('int_accounts_changed') ~ ')']) }}
{%- endmacro %}

{# Rolling usage: that of the accounts to evaluate, from the first day that may differ. #}
{% macro get_incremental_rewrite_rolling_days_sql(arguments) -%}
{{ rewritten(arguments, ['exists (select 1 from ' ~ stored('int_rolling_days_changed') ~ ' as changed where changed.account_id = '
    ~ arguments.target_relation.identifier ~ '.account_id and ' ~ arguments.target_relation.identifier ~ '.local_date >= changed.changes_from)']) }}
{%- endmacro %}
