{# table: any table of payments, with `columns` saying which of its columns is which of ours. #}

{% macro conversion_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of payments; `columns` says which of its columns is which of ours',
        'tables': {'conversions': {'is': 'one row per payment', 'required': true}},
    }) %}
{% endmacro %}

{% macro conversion_source__table(source) %}
    {% do return(mapped_input(source, 'conversions', source_table(source, 'conversions', required=true), {})) %}
{% endmacro %}
