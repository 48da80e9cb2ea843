{# at_least_of: a number of some criteria are met at the same time. #}

{% macro criterion__at_least_of__spec() %}
    {% do return({
        'kind': 'combination',
        'measure': 'criteria met',
        'options': {
            'criteria': {'is': 'criteria', 'required': true},
            'at_least': {'is': 'positive_integer', 'required': true},
        },
    }) %}
{% endmacro %}

{% macro criterion__at_least_of__faults(criterion) %}
    {% if criterion.at_least > criterion.criteria | length %}
        {% do return(["'at_least' must be at most the number of criteria, " ~ criterion.criteria | length ~ '; got ' ~ criterion.at_least]) %}
    {% endif %}
    {% do return([]) %}
{% endmacro %}

{% macro criterion__at_least_of__settings(criterion) %}
    {% do return({'weights': equal_weights(criterion.criteria, 1)}) %}
{% endmacro %}
