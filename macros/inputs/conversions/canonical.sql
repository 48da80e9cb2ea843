{# canonical: conversions in our own columns. #}

{% macro conversion_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `conversions` in our own columns',
        'facts': own_payment_facts(),
        'tables': {'conversions': {'is': 'conversions in our own columns'}},
        'without': ['columns'],
    }) %}
{% endmacro %}

{# What payments in our own columns, or mapped to them, go by. #}
{% macro own_payment_facts() %}
    {% set page = 'specification.md#2-inputs' %}
    {% do return({
        'key': {'is': 'the row; `conversion_id` names it among the rejected', 'page': page},
        'clock': {'is': '`converted_at`; a date is some moment of that local day', 'page': page},
        'identity': {'is': '`account_id`', 'page': page},
        'none': {'is': 'an `amount` of 0 or less', 'page': page},
    }) %}
{% endmacro %}

{% macro conversion_source__canonical(source) %}
    {% set found = canonical_input(source, 'conversions', required=false) %}
    {% do check_where(source, [found]) %}
    {% do return(wanted_rows(source, found)) %}
{% endmacro %}
