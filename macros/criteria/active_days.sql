{# active_days: on how many local days the account had a matching event. #}

{% macro criterion__active_days__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'distinct local days with a matching event',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar'],
    }) %}
{% endmacro %}

{% macro criterion__active_days__settings(criterion) %}
    {% do return({'observes_days': true}) %}
{% endmacro %}

{% macro criterion__active_days__spans(criterion, inputs) -%}
select
    account_id,
    local_date as starts_on,
    min(occurred_at) as started_at,
    {{ window_end(criterion, 'local_date') }} as ends_on,
    1 as amount,
    0 as base
from ({{ matches(criterion, inputs) | indent(4) }}) as matches
group by account_id, local_date
{%- endmacro %}

{% macro criterion__active_days__outlook(criterion) %}
    {% set most = criterion.window.last_days or {'week': 7, 'month': 31}[criterion.window.calendar] or none %}
    {% do return(days_outlook(criterion, '(' ~ criterion.at_least ~ ' - coalesce(standing.observed_value, 0))', most)) %}
{% endmacro %}

{% macro criterion__active_days__reason(criterion) %}
    {% set days = criterion.window.last_days or criterion.window.first_days %}
    {% set period = (' of the first ' if criterion.window.first_days else ' of ') ~ days if days else '' %}
    {% set day = ' days' if days else ' ' ~ counted('day') %}
    {% set what = ' with ' ~ events_phrase(criterion) if is_narrowed(criterion) else ' active' %}
    {% do return('{value}' ~ period ~ day ~ what ~ ('' if days else window_phrase(criterion))) %}
{% endmacro %}
