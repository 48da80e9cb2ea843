{# table: any table of payments, with `columns` saying which of its columns is which of ours. #}

{% macro conversion_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of payments; `columns` says which of its columns is which of ours',
        'tables': {'conversions': {'is': 'one row per payment', 'required': true}},
        'facts': own_payment_facts('an `amount` of 0 or less, rejected as `nothing_paid`'),
    }) %}
{% endmacro %}

{% macro conversion_source__table(source) %}
    {% set found = source_table(source, 'conversions', required=true) %}
    {% do check_where(source, [found]) %}
    {% do return(mapped_input(source, 'conversions', wanted_rows(source, found), {})) %}
{% endmacro %}
