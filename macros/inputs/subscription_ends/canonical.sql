{# canonical: ends of subscriptions in our own columns. #}

{% macro subscription_end_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `subscription_ends` in our own columns',
        'tables': {'subscription_ends': {'is': 'ends of subscriptions in our own columns'}},
        'without': ['columns'],
        'facts': own_end_facts(),
    }) %}
{% endmacro %}

{# What ends in our own columns, or mapped to them, go by. #}
{% macro own_end_facts() %}
    {% set page = 'specification.md#2-inputs' %}
    {% do return({
        'key': {'is': 'the row; `subscription_id` names it among the rejected', 'page': page},
        'clock': {'is': '`ended_at`; a date is the first instant of that local day', 'page': page},
        'identity': {'is': '`account_id`', 'page': page},
        'none': {'is': 'ends before the first payment', 'page': page},
    }) %}
{% endmacro %}

{% macro subscription_end_source__canonical(source) %}
    {% set found = canonical_input(source, 'subscription_ends', required=false) %}
    {% do check_where(source, [found]) %}
    {% do return(wanted_rows(source, found)) %}
{% endmacro %}
