{# event_count: how many matching events the account had. #}

{% macro criterion__event_count__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'matching events',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing'],
        'is_measure': true,
    }) %}
{% endmacro %}

{% macro criterion__event_count__settings(criterion) %}
    {% do return({'is_additive': true}) %}
{% endmacro %}

{% macro criterion__event_count__spans(criterion, inputs) -%}
{{ additive_spans(criterion, inputs) }}
{%- endmacro %}

{% macro criterion__event_count__reason(criterion) %}
    {% do return('{value} ' ~ events_phrase(criterion, 'counted', counted('event')) ~ window_phrase(criterion)) %}
{% endmacro %}
