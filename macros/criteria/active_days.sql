{# active_days: on how many local days the account had a matching event. #}

{% macro criterion__active_days__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'distinct local days with a matching event',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing'],
        'is_measure': true,
        'options': {'weekdays': {'is': 'weekdays'}},
    }) %}
{% endmacro %}

{% macro criterion__active_days__settings(criterion) %}
    {% do return({'observes_days': true}) %}
{% endmacro %}

{% macro criterion__active_days__spans(criterion, inputs) -%}
select
    account_id,
    counts_from as starts_on,
    {{ moment_of_start() }} as started_at,
    counts_until as ends_on,
    1 as amount,
    0 as base
from ({{ matches(criterion, inputs) | indent(4) }}) as matches
group by account_id, local_date, counts_from, counts_until
{%- endmacro %}

{% macro criterion__active_days__outlook(criterion) %}
    {% set most = most_listed_days(criterion, looks_back_days(criterion.window)) %}
    {% do return(days_outlook(criterion, '(' ~ criterion.at_least ~ ' - coalesce(standing.observed_value, 0))', most)) %}
{% endmacro %}

{% macro criterion__active_days__reason(criterion) %}
    {% set days = criterion.window.last_days or criterion.window.first_days if not criterion.weekdays %}
    {% set period = (' of the first ' if criterion.window.first_days else ' of ') ~ days if days else '' %}
    {% set day = ' days' if days else ' ' ~ counted_days(criterion) %}
    {% set what = ' with ' ~ events_phrase(criterion) if is_narrowed(criterion) else ' active' %}
    {% do return('{value}' ~ period ~ day ~ what ~ ('' if days else window_phrase(criterion))) %}
{% endmacro %}

{% macro criterion__active_days__counts(part, form) %}
    {% set days = 'day' if form == 'one' else 'days' %}
    {% do return(days ~ ' with ' ~ events_phrase(part) if is_narrowed(part) else 'active ' ~ days) %}
{% endmacro %}
