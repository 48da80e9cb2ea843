{#
    The words of `reason`. Each type gives a sentence part; {value} and {percent} stand for the measure at as-of.
    A criterion's own `reason` in vars.yml goes before it.
#}

{% macro spoken(name) %}{% do return(name | replace('_', ' ')) %}{% endmacro %}

{% macro events_phrase(criterion) %}
    {% set what = criterion.events | map('replace', '_', ' ') | join(' or ') if criterion.events else 'event' %}
    {% set filters = [] %}
    {% for property, wanted in (criterion.where or {}).items() %}
        {% do filters.append(spoken(property) ~ ' ' ~ (wanted if is_list(wanted) else [wanted]) | join(' or ')) %}
    {% endfor %}
    {% do return(what ~ (' (' ~ filters | join(', ') ~ ')' if filters else '')) %}
{% endmacro %}

{% macro window_phrase(criterion) %}
    {% set window = criterion.window %}
    {% if window.last_days %}{% do return(' in ' ~ window.last_days ~ (' day' if window.last_days == 1 else ' days')) %}{% endif %}
    {% if window.first_days %}{% do return(' in the first ' ~ (window.first_days ~ ' days' if window.first_days > 1 else 'day')) %}{% endif %}
    {% if window.calendar %}{% do return(' this ' ~ window.calendar) %}{% endif %}
    {% do return('') %}
{% endmacro %}

{% macro days_phrase(days, date) %}
    {% set count = days | abs ~ (' day' if days | abs == 1 else ' days') %}
    {% do return('the day of ' ~ date if days == 0 else count ~ (' before ' if days < 0 else ' after ') ~ date) %}
{% endmacro %}

{% macro criterion_reason(criterion) %}
    {% do return(criterion.reason or criterion_macro(criterion.type, 'reason')(criterion)) %}
{% endmacro %}

{% macro criterion_default__reason(criterion) %}
    {% do return(spoken(criterion.name)) %}
{% endmacro %}
