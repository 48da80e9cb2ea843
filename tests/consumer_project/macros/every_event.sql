{# every_event: a criterion type of this project: all events of an account, whatever they are called. #}

{% macro criterion__every_event__spec() %}
    {% do return({'kind': 'behaviour', 'measure': 'all events', 'windows': ['lifetime', 'last_days']}) %}
{% endmacro %}

{% macro criterion__every_event__settings(criterion) %}
    {% do return({'is_additive': true}) %}
{% endmacro %}

{% macro criterion__every_event__spans(criterion, inputs) -%}
{{ pql_warehouse.additive_spans(criterion, inputs) }}
{%- endmacro %}

{% macro criterion__every_event__reason(criterion) %}
    {% do return('{value} events of any kind') %}
{% endmacro %}
