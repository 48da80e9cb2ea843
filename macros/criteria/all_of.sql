{# all_of: every one of some criteria is met. #}

{% macro criterion__all_of__spec() %}
    {% do return({
        'kind': 'combination',
        'measure': 'criteria met',
        'options': {'criteria': {'is': 'criteria', 'required': true}},
    }) %}
{% endmacro %}

{% macro criterion__all_of__settings(criterion) %}
    {% do return({'threshold': criterion.criteria | length, 'weights': equal_weights(criterion.criteria, 1), 'is_flattened': true}) %}
{% endmacro %}
