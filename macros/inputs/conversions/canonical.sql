{# canonical: conversions in our own columns. #}

{% macro conversion_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `conversions` in our own columns',
        'facts': own_payment_facts('an `amount` of 0, rejected as `nothing_paid`'),
        'tables': {'conversions': {'is': 'conversions in our own columns', 'known_by': ['account_id', 'converted_at']}},
        'negative_amounts': true,
    }) %}
{% endmacro %}

{# What payments in our own columns, or mapped to them, go by. #}
{% macro own_payment_facts(none_is) %}
    {% set page = 'specification.md#2-inputs' %}
    {% do return({
        'key': {'is': 'the row; `conversion_id` names it among the rejected', 'page': page},
        'clock': {'is': '`converted_at`; a date is some moment of that local day', 'page': page},
        'identity': {'is': '`account_id`', 'page': page},
        'none': {'is': none_is, 'page': page},
    }) %}
{% endmacro %}

{% macro conversion_source__canonical(source) %}
    {% set found = canonical_input(source, 'conversions', required=false) %}
    {% do check_where(source, [found]) %}
    {% do return(wanted_rows(source, found)) %}
{% endmacro %}
