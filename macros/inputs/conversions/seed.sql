{# seed: seeds/conversions.csv. #}

{% macro conversion_source__seed__spec() %}
    {% do return({
        'title': 'Seed',
        'reads': '`seeds/conversions.csv`',
        'facts': own_payment_facts('an `amount` of 0, rejected as `nothing_paid`'),
        'tables': {},
        'negative_amounts': true,
        'without': ['folder', 'schema', 'database', 'tables', 'models', 'columns'],
    }) %}
{% endmacro %}

{% macro conversion_source__seed(source) %}
    {% set found = seed_input('conversions') %}
    {% do check_where(source, [found]) %}
    {% do return(wanted_rows(source, found)) %}
{% endmacro %}
