{# Time on every engine. Timestamps are UTC without an offset; a zone is an IANA name. #}

{# `timestamp` (UTC) as the wall clock of `zone` shows it. #}
{% macro local_timestamp(timestamp, zone) %}
    {{- return(adapter.dispatch('local_timestamp', 'pql_warehouse')(timestamp, zone)) -}}
{% endmacro %}

{# The UTC moment at which the wall clock of `zone` shows `local`. #}
{% macro utc_timestamp(local, zone) %}
    {{- return(adapter.dispatch('utc_timestamp', 'pql_warehouse')(local, zone)) -}}
{% endmacro %}

{# The moment at which a UTC day begins. #}
{% macro utc_midnight(day) -%}
cast({{ day }} as {{ dbt.type_timestamp() }})
{%- endmacro %}

{% macro local_date(timestamp, zone) -%}
cast({{ local_timestamp(timestamp, zone) }} as date)
{%- endmacro %}

{#
    The first UTC moment with local date `day`. Engines disagree about wall-clock times that a change to or
    from summer time skips or repeats, so that their answer is moved to the earlier of two midnights.
#}
{% macro local_midnight(day, zone) -%}
{%- set midnight = utc_timestamp(utc_midnight(day), zone) -%}
case
    when {{ local_date(add_time('minute', -60, midnight), zone) }} = {{ day }}
        then {{ add_time('minute', -60, midnight) }}
    when {{ local_date(add_time('minute', -30, midnight), zone) }} = {{ day }}
        then {{ add_time('minute', -30, midnight) }}
    else {{ midnight }}
end
{%- endmacro %}

{% macro add_days(day, days) %}
    {{- return(adapter.dispatch('add_days', 'pql_warehouse')(day, days)) -}}
{% endmacro %}

{% macro default__add_days(day, days) -%}
cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}

{# A moment some hours, minutes or days after another, negative ones before it; days are 24 hours long. #}
{% macro add_time(datepart, count, timestamp) %}
    {{- return(adapter.dispatch('add_time', 'pql_warehouse')(datepart, count, timestamp)) -}}
{% endmacro %}

{% macro default__add_time(datepart, count, timestamp) -%}
{{ dbt.dateadd(datepart, count, timestamp) }}
{%- endmacro %}

{# The same so many months later, on the last day of shorter ones. #}
{% macro add_months(count, timestamp) %}
    {{- return(adapter.dispatch('add_months', 'pql_warehouse')(count, timestamp)) -}}
{% endmacro %}

{% macro default__add_months(count, timestamp) -%}
{{ add_time('month', count, timestamp) }}
{%- endmacro %}

{% macro days_between(earlier, later) %}
    {{- return(adapter.dispatch('days_between', 'pql_warehouse')(earlier, later)) -}}
{% endmacro %}

{% macro default__days_between(earlier, later) -%}
{{ dbt.datediff(earlier, later, 'day') }}
{%- endmacro %}

{% macro day_of_month(day) -%}
cast(extract(day from {{ day }}) as integer)
{%- endmacro %}

{# The first day of the calendar month or ISO week that holds `day`. #}
{% macro period_start(day, period) %}
    {{- return(adapter.dispatch('period_start', 'pql_warehouse')(day, period)) -}}
{% endmacro %}

{% macro default__period_start(day, period) -%}
cast({{ dbt.date_trunc(period, day) }} as date)
{%- endmacro %}

{# The first day of the next month or ISO week. #}
{% macro next_period_start(day, period) -%}
cast({{ add_time(period, 1, period_start(day, period)) }} as date)
{%- endmacro %}

{#
    The first day of the next billing month after `day`, where such months begin on `billing_day`, a number from 1 to 31,
    and in shorter months on their last day.
#}
{% macro next_billing_start(day, billing_day) -%}
case
    when {{ day }} < {{ billing_start(period_start(day, 'month'), billing_day) }}
        then {{ billing_start(period_start(day, 'month'), billing_day) }}
    else {{ billing_start(next_period_start(day, 'month'), billing_day) }}
end
{%- endmacro %}

{# The day on which a billing month begins in the calendar month that begins on `month`. #}
{% macro billing_start(month, billing_day) -%}
least({{ add_days(month, billing_day ~ ' - 1') }}, {{ add_days(next_period_start(month, 'month'), -1) }})
{%- endmacro %}

{# A moment so small before `timestamp` that nothing lies between. #}
{% macro just_before(timestamp) %}
    {{- return(adapter.dispatch('just_before', 'pql_warehouse')(timestamp)) -}}
{% endmacro %}

{% macro default__just_before(timestamp) -%}
({{ timestamp }} - interval '1 microsecond')
{%- endmacro %}

{# Bounds for periods without one, so that a moment compares with a plain `<`. #}
{% macro beginning_of_time() -%}
cast('0001-01-01' as {{ dbt.type_timestamp() }})
{%- endmacro %}

{% macro end_of_time() -%}
cast('9999-12-31' as {{ dbt.type_timestamp() }})
{%- endmacro %}

{# A UTC moment as ISO 8601 text to the second, null where it is null. #}
{% macro moment_text(timestamp) %}
    {{- return(adapter.dispatch('moment_text', 'pql_warehouse')(timestamp)) -}}
{% endmacro %}
