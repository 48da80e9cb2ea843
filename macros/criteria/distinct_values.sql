{# distinct_values: how many different values of a property, or which different events, the account had. #}

{% macro criterion__distinct_values__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'distinct values of a property, or of `event_name`',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing'],
        'is_measure': true,
        'options': {'property': {'is': 'text', 'required': true}},
    }) %}
{% endmacro %}

{% macro criterion__distinct_values__settings(criterion) %}
    {% do return({'reads_property': criterion.property if criterion.property != 'event_name' else none, 'reads_text': true}) %}
{% endmacro %}

{% macro criterion__distinct_values__spans(criterion, inputs) -%}
{{ distinct_spans(criterion, inputs, 'property_value' if criterion.reads_property else 'event_name') }}
{%- endmacro %}

{# There are only so many different events to be had. #}
{% macro criterion__distinct_values__outlook(criterion) %}
    {% if criterion.property == 'event_name' and criterion.events and criterion.events | length < criterion.at_least %}
        {% do return({'ever': 'false', 'today': 'false'}) %}
    {% endif %}
    {% do return(criterion_default__outlook(criterion)) %}
{% endmacro %}

{% macro criterion__distinct_values__reason(criterion) %}
    {% if criterion.property == 'event_name' %}
        {% do return('{value} different ' ~ counted('feature') ~ ' used' ~ window_phrase(criterion)) %}
    {% endif %}
    {% set events = ' in ' ~ events_phrase(criterion) if is_narrowed(criterion) else '' %}
    {% do return('{value} different ' ~ counted(spoken(criterion.property)) ~ events ~ window_phrase(criterion)) %}
{% endmacro %}

{% macro criterion__distinct_values__counts(part, form) %}
    {% set item = 'feature' if part.property == 'event_name' else spoken(part.property) %}
    {% do return('different ' ~ (item if form == 'one' else plural(item))) %}
{% endmacro %}
