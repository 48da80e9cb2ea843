{# hubspot: companies. #}

{% macro crm_record_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`companies`, as the API or a connector delivers them',
        'tables': {'companies': {'is': 'one row per company', 'required': true, 'known_by': ['id|company_id', 'properties.domain|property_domain|properties.name|property_name']}},
        'options': {'product_account_id': {'is': 'text', 'default': 'properties.pql_account_id'}},
        'notes': 'Archived companies and those merged into another are linked to no account. Where `product_account_id` is missing, the domain says which account it is.',
        'facts': {
            'key': {'is': 'the company', 'page': 'https://developers.hubspot.com/docs/api-reference/crm-companies-v3/guide'},
            'clock': {'is': 'none: a record is as it was delivered', 'page': 'https://developers.hubspot.com/docs/api-reference/crm-companies-v3/guide'},
            'identity': {'is': '`product_account_id`, else the host of `domain`, else of `website`, else of one of `hs_additional_domains`', 'page': 'https://developers.hubspot.com/docs/api-reference/latest/crm/objects/companies/guide'},
            'none': {'is': 'archived companies, and those merged into another, which lists them (`hs_merged_object_ids`); domains of free mail link nothing', 'page': 'https://knowledge.hubspot.com/forms/what-domains-are-blocked-when-using-the-forms-email-domains-to-block-feature'},
        },
    }) %}
{% endmacro %}

{% macro crm_record_source__hubspot(source) %}
    {% set companies = source_table(source, 'companies', required=true) %}
    {% if not companies %}{% do return(none) %}{% endif %}
    {% set companies = joined_tables(companies, ['id', 'company_id'], hubspot_mergers(companies, ['id', 'company_id']), 'one_key', {'survivor_id': 'one_value'}) %}
    {% do return(mapped_input(source, 'crm_records', companies, {
        'crm_system': {'sql': text_literal('hubspot')},
        'crm_record_id': ['id', 'company_id'],
        'pql_account_id': {'sql': 'case when ' ~ not_deleted(companies) ~ ' and ' ~ field(companies, 'survivor_id') ~ ' is null then ' ~ field(companies, source.product_account_id) ~ ' end'},
        'domain': ['properties.domain', 'property_domain', 'domain', 'properties.website', 'property_website', 'website'],
        'other_domains': ['properties.hs_additional_domains', 'property_hs_additional_domains', 'hs_additional_domains'],
        'merged_into': ['survivor_id'],
        'is_deleted': {'sql': 'case when not (' ~ not_deleted(companies) ~ ") then 'true' end"},
        'pql_row_hash': ['properties.pql_row_hash', 'property_pql_row_hash', 'pql_row_hash'],
    })) %}
{% endmacro %}
