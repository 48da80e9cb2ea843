{# table: any table of accounts, with `columns` saying which of its columns is which of ours. #}

{% macro account_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of accounts; `columns` says which of its columns is which of ours, `attributes` names nested ones',
        'tables': {'accounts': {'is': 'one row per account', 'required': true}},
    }) %}
{% endmacro %}

{% macro account_source__table(source) %}
    {% do return(mapped_input(source, 'accounts', source_table(source, 'accounts', required=true), {})) %}
{% endmacro %}
