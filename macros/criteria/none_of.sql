{# none_of: not one of some criteria is met. Holds from sign-up on. #}

{% macro criterion__none_of__spec() %}
    {% do return({
        'kind': 'combination',
        'measure': 'criteria met, none of which may be',
        'options': {'criteria': {'is': 'criteria', 'required': true}},
    }) %}
{% endmacro %}

{# Every account starts with one point at sign-up, and each criterion met takes one away. #}
{% macro criterion__none_of__settings(criterion) %}
    {% do return({'threshold': 0, 'reach': 1, 'at_sign_up': 1, 'weights': equal_weights(criterion.criteria, -1)}) %}
{% endmacro %}
