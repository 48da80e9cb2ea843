{# table: any table of CRM records, with `columns` saying which of its columns is which of ours. #}

{% macro crm_record_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of records; `columns` says which of its columns is which of ours',
        'facts': own_record_facts(),
        'tables': {'crm_records': {'is': 'one row per record', 'required': true}},
    }) %}
{% endmacro %}

{% macro crm_record_source__table(source) %}
    {% do return(mapped_input(source, 'crm_records', source_table(source, 'crm_records', required=true), {})) %}
{% endmacro %}
