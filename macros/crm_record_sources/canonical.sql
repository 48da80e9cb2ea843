{# canonical: records of a CRM in our own columns. #}

{% macro crm_record_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `crm_records`: crm_system, crm_record_id, pql_account_id, domain, pql_row_hash',
        'tables': {'crm_records': {'is': 'records in our own columns'}},
        'without': ['columns'],
    }) %}
{% endmacro %}

{% macro crm_record_source__canonical(source) %}
    {% do return(canonical_input(source, 'crm_records', required=false)) %}
{% endmacro %}
