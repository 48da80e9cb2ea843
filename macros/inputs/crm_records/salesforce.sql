{# salesforce: accounts. #}

{% macro crm_record_source__salesforce__spec() %}
    {% do return({
        'title': 'Salesforce',
        'reads': '`accounts`, as the API or a connector delivers them',
        'tables': {'accounts': {'is': 'one row per Salesforce account', 'required': true, 'known_by': ['id', 'is_deleted', 'website|industry|owner_id']}},
        'options': {'product_account_id': {'is': 'text', 'default': 'pql_account_id__c'}},
        'notes': 'Deleted and merged accounts are linked to no account of the product. Where `product_account_id` is missing, the domain of the website says which account it is.',
        'facts': {
            'key': {'is': 'the Salesforce account; ids of 15 and of 18 characters are the same', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm'},
            'clock': {'is': 'none: a record is as it was delivered', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_account.htm'},
            'identity': {'is': '`product_account_id`, else the host of `Website`', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_account.htm'},
            'none': {'is': 'deleted accounts, and those merged into another (`MasterRecordId`); domains of free mail link nothing', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_account.htm'},
        },
    }) %}
{% endmacro %}

{% macro crm_record_source__salesforce(source) %}
    {% set accounts = source_table(source, 'accounts', required=true) %}
    {% if not accounts %}{% do return(none) %}{% endif %}
    {% set website = field(accounts, ['domain', 'website']) %}
    {% do return(mapped_input(source, 'crm_records', accounts, {
        'crm_system': {'sql': text_literal('salesforce')},
        'crm_record_id': ['id'],
        'pql_account_id': {'sql': 'case when ' ~ not_deleted(accounts) ~ ' then ' ~ field(accounts, source.product_account_id) ~ ' end'},
        'domain': {'sql': website},
        'is_deleted': {'sql': 'case when not (' ~ not_deleted(accounts) ~ ") then 'true' end"},
        'merged_into': ['master_record_id'],
        'pql_row_hash': ['pql_row_hash__c'],
    })) %}
{% endmacro %}
