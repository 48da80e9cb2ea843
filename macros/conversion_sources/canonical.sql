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
    {% if source.folder or source.schema or source.database or source.tables or source.models %}
        {% do return(source_table(source, 'conversions', required=true)) %}
    {% endif %}
    {% do return(product_input('conversions')) %}
{% endmacro %}
