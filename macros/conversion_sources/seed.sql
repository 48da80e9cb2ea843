{# seed: seeds/conversions.csv. #}

{% macro conversion_source__seed__spec() %}
    {% do return({
        'title': 'Seed',
        'reads': '`seeds/conversions.csv`',
        'tables': {},
        'without': ['folder', 'schema', 'database', 'tables', 'models', 'columns'],
    }) %}
{% endmacro %}

{% macro conversion_source__seed(source) %}
    {% do return(seed_input('conversions')) %}
{% endmacro %}
