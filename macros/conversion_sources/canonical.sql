{# canonical: conversions in our own columns. #}

{% macro conversion_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `conversions` in our own columns',
        'tables': {'conversions': {'is': 'conversions in our own columns'}},
        'without': ['columns'],
    }) %}
{% endmacro %}

{% macro conversion_source__canonical(source) %}
    {% do return(canonical_input(source, 'conversions', required=false)) %}
{% endmacro %}
