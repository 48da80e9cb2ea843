{# canonical: records of a CRM in our own columns. #}

{% macro crm_record_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `crm_records`: crm_system, crm_record_id, pql_account_id, domain, other_domains, pql_row_hash',
        'facts': own_record_facts(),
        'tables': {'crm_records': {'is': 'records in our own columns'}},
    }) %}
{% endmacro %}

{# What records in our own columns, or mapped to them, go by. #}
{% macro own_record_facts() %}
    {% set page = 'specification.md#2-inputs' %}
    {% do return({
        'key': {'is': '`crm_system` and `crm_record_id`', 'page': page},
        'clock': {'is': 'none: a record is as it was delivered', 'page': page},
        'identity': {'is': '`pql_account_id`, else the host of `domain`, else of one of `other_domains`', 'page': page},
        'none': {'is': 'rows with `is_deleted` true or with `merged_into`; domains of free mail link nothing', 'page': page},
    }) %}
{% endmacro %}

{% macro crm_record_source__canonical(source) %}
    {% do return(canonical_input(source, 'crm_records', required=false)) %}
{% endmacro %}
