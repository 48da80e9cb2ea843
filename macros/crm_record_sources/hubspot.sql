{# hubspot: companies. #}

{% macro crm_record_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`companies`, as the API or a connector delivers them',
        'tables': {'companies': {'is': 'one row per company', 'required': true}},
        'options': {'product_account_id': {'is': 'text', 'default': 'properties.pql_account_id'}},
        'notes': 'Archived companies are left out. Where `product_account_id` is missing, the domain says which account it is.',
    }) %}
{% endmacro %}

{% macro crm_record_source__hubspot(source) %}
    {% set companies = source_table(source, 'companies', required=true) %}
    {% if not companies %}{% do return(none) %}{% endif %}
    {% do return(mapped_input(source, 'crm_records', companies, {
        'crm_system': {'sql': text_literal('hubspot')},
        'crm_record_id': ['id', 'company_id'],
        'pql_account_id': [source.product_account_id],
        'domain': ['properties.domain', 'property_domain', 'domain'],
        'pql_row_hash': ['properties.pql_row_hash', 'property_pql_row_hash', 'pql_row_hash'],
    }, not_deleted(companies))) %}
{% endmacro %}
