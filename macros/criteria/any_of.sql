{# any_of: at least one of some criteria is met. #}

{% macro criterion__any_of__spec() %}
    {% do return({
        'kind': 'combination',
        'measure': 'criteria met',
        'options': {'criteria': {'is': 'criteria', 'required': true}},
    }) %}
{% endmacro %}

{% macro criterion__any_of__settings(criterion) %}
    {% do return({'threshold': 1, 'weights': equal_weights(criterion.criteria, 1), 'is_flattened': true}) %}
{% endmacro %}
