{# event_sum: the sum of a number that matching events carry, such as megabytes or seats. #}

{% macro criterion__event_sum__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'sum of a numeric property of matching events',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing'],
        'is_measure': true,
        'options': {
            'property': {'is': 'text', 'required': true},
            'at_least': {'is': 'positive_number', 'required': true},
        },
    }) %}
{% endmacro %}

{% macro criterion__event_sum__settings(criterion) %}
    {% do return({'is_additive': true, 'reads_property': criterion.property}) %}
{% endmacro %}

{% macro criterion__event_sum__spans(criterion, inputs) -%}
{{ additive_spans(criterion, inputs) }}
{%- endmacro %}

{% macro criterion__event_sum__reason(criterion) %}
    {% do return('{value} ' ~ spoken(criterion.property) ~ ' from ' ~ events_phrase(criterion) ~ window_phrase(criterion)) %}
{% endmacro %}

{% macro criterion__event_sum__counts(part, form) %}
    {% do return(spoken(part.property) ~ ' from ' ~ events_phrase(part)) %}
{% endmacro %}
