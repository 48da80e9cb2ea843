{# salesforce: accounts. #}

{% macro crm_record_source__salesforce__spec() %}
    {% do return({
        'title': 'Salesforce',
        'reads': '`accounts`, as the API or a connector delivers them',
        'tables': {'accounts': {'is': 'one row per Salesforce account', 'required': true}},
        'options': {'product_account_id': {'is': 'text', 'default': 'pql_account_id__c'}},
        'notes': 'Deleted accounts are left out. Where `product_account_id` is missing, the domain of the website says which account it is.',
    }) %}
{% endmacro %}

{% macro crm_record_source__salesforce(source) %}
    {% set accounts = source_table(source, 'accounts', required=true) %}
    {% if not accounts %}{% do return(none) %}{% endif %}
    {% set website = field(accounts, ['domain', 'website']) %}
    {% do return(mapped_input(source, 'crm_records', accounts, {
        'crm_system': {'sql': text_literal('salesforce')},
        'crm_record_id': ['id'],
        'pql_account_id': [source.product_account_id],
        'domain': {'sql': host_of(website)},
        'pql_row_hash': ['pql_row_hash__c'],
    }, not_deleted(accounts))) %}
{% endmacro %}
