{# salesforce: accounts, by the field that holds the product's account id. #}

{% macro account_source__salesforce__spec() %}
    {% do return({
        'title': 'Salesforce',
        'reads': '`accounts`, as the API or a connector delivers them',
        'tables': {'accounts': {'is': 'one row per Salesforce account', 'required': true}},
        'options': {'product_account_id': {'is': 'text', 'required': true}},
        'notes': '`product_account_id` is the field with the account id of the product, e.g. `workspace_id__c`. Accounts without it and deleted ones are left out.',
    }) %}
{% endmacro %}

{% macro account_source__salesforce(source) %}
    {% set accounts = source_table(source, 'accounts', required=true) %}
    {% if not accounts %}{% do return(none) %}{% endif %}
    {% do return(mapped_input(source, 'accounts', accounts, {
        'account_id': [source.product_account_id],
        'signed_up_at': ['signed_up_at', 'signed_up_at__c'],
        'account_name': ['name'],
        'domain': {'sql': host_of(field(accounts, ['domain', 'website']))},
    }, field(accounts, source.product_account_id) ~ ' is not null and ' ~ not_deleted(accounts))) %}
{% endmacro %}
