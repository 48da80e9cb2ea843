{# score: the points of the criteria met at that moment add up to enough. #}

{% macro criterion__score__spec() %}
    {% do return({
        'kind': 'combination',
        'measure': 'points of the criteria met',
        'options': {
            'points': {'is': 'points', 'required': true},
            'at_least': {'is': 'positive_number', 'required': true},
        },
    }) %}
{% endmacro %}

{% macro criterion__score__settings(criterion) %}
    {% do return({'weights': criterion.points, 'observes_weights': true}) %}
{% endmacro %}
