{#
    A moment lies on or beside the local dates of a table. Their bounds are spelt out, so that the engine skips what lies
    outside of them before it joins.
#}
{% macro on_dates_of(moment, table, column) %}
    {% set dates = values_of(table, 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')', column ~ ' is not null') %}
    {% if not dates %}{% do return('false') %}{% endif %}
    {% do return(
        moment ~ ' >= ' ~ utc_midnight(add_days("cast('" ~ dates[0] ~ "' as date)", -1))
        ~ ' and ' ~ moment ~ ' < ' ~ utc_midnight(add_days("cast('" ~ dates[-1] ~ "' as date)", 2))
    ) %}
{% endmacro %}

{# A moment before which no event of a device is affected, where accounts and users are as they were. #}
{% macro devices_affected_from(judged, settings, as_of) -%}
{%- set is_new = 'judged_in_build > ' ~ settings.build ~ ' and anonymous_id is not null' -%}
{%- set first = values_of(judged, 'cast(min(occurred_at) as ' ~ dbt.type_string() ~ ')', is_new)[0] -%}
least({{ moment_literal(first) ~ ', ' if first }}{{ as_of }}, {{ moment_literal(settings.as_of) }})
{%- endmacro %}

{#
    The first of the days from which on accounts are computed anew, as text; none where there is none, or all days are. Of
    each account nothing counts before the day in its column `since`, where one is given.
#}
{% macro first_change(accounts, since=none) %}
    {% set day = 'case when ' ~ since ~ ' > changes_from then ' ~ since ~ ' else changes_from end' if since else 'changes_from' %}
    {% set day = 'cast(min(' ~ day ~ ') as ' ~ dbt.type_string() ~ ')' %}
    {% set found = values_of(accounts, day, since ~ ' is not null' if since else 'true') | select | list %}
    {% do return(found[0] if found and found[0] != '0001-01-01' else none) %}
{% endmacro %}

{#
    A day is remembered, for so many days, where an account is computed anew. The first day of all that may be is spelt out,
    so that the engine skips earlier ones before it joins.
#}
{% macro is_remembered(day, days, changes_from, first_change) -%}
{{ add_days(day, days) }} >= {{ changes_from }}
{%- if first_change %} and {{ day }} >= {{ add_days("cast('" ~ first_change ~ "' as date)", -days) }}{% endif -%}
{%- endmacro %}
