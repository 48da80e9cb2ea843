{# hubspot: companies, by the property that holds the product's account id. #}

{% macro account_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`companies`, as the API or a connector delivers them',
        'tables': {'companies': {'is': 'one row per company', 'required': true}},
        'options': {'product_account_id': {'is': 'text', 'required': true}},
        'notes': '`product_account_id` is the property with the account id of the product, e.g. `properties.workspace_id` or `property_workspace_id`. Companies without it and archived ones are left out.',
    }) %}
{% endmacro %}

{% macro account_source__hubspot(source) %}
    {% set companies = source_table(source, 'companies', required=true) %}
    {% if not companies %}{% do return(none) %}{% endif %}
    {% do return(mapped_input(source, 'accounts', companies, {
        'account_id': [source.product_account_id],
        'signed_up_at': ['signed_up_at', 'properties.signed_up_at', 'property_signed_up_at'],
        'account_name': ['properties.name', 'property_name', 'name'],
        'domain': ['properties.domain', 'property_domain', 'domain'],
    }, field(companies, source.product_account_id) ~ ' is not null and ' ~ not_deleted(companies))) %}
{% endmacro %}
