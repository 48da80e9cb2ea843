{# canonical: conversions in our own columns. #}

{% macro conversion_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `conversions` as SPEC §2 describes it',
        'tables': {'conversions': {'is': 'conversions in our own columns'}},
        'without': ['columns'],
    }) %}
{% endmacro %}

{% macro conversion_source__canonical(source) %}
    {% do return(canonical_input(source, 'conversions', required=false)) %}
{% endmacro %}
