{# canonical: accounts in our own columns, and what is read where no source is listed. #}

{% macro account_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `accounts` in our own columns',
        'tables': {'accounts': {'is': 'accounts in our own columns', 'required': true}},
    }) %}
{% endmacro %}

{% macro account_source__canonical(source) %}
    {% do return(canonical_input(source, 'accounts')) %}
{% endmacro %}
