{# salesforce: accounts and contacts. A kind is what the metadata of a field says. #}
{% macro crm_system__salesforce() %}
    {% do return({
        'title': 'Salesforce',
        'suffix': '__c',
        'link': 'salesforce_account_id',
        'tables': {
            'accounts': {'table': 'crm_salesforce_accounts', 'record': 'account', 'object': 'Account'},
            'contacts': {'table': 'crm_salesforce_contacts', 'record': 'contact', 'object': 'Contact'},
        },
        'kinds': {
            'key': {'type': 'Text', 'length': 255}, 'id': {'type': 'Text', 'length': 255}, 'text': {'type': 'Text', 'length': 255},
            'link': {'type': 'Url'}, 'long_text': {'type': 'LongTextArea', 'length': 1024, 'visibleLines': 4}, 'email': {'type': 'Email'},
            'flag': {'type': 'Checkbox'}, 'choice': {'type': 'Picklist'}, 'choices': {'type': 'MultiselectPicklist', 'visibleLines': 6},
            'number': {'type': 'Number', 'precision': 9, 'scale': 0}, 'figure': {'type': 'Number', 'precision': 15, 'scale': 0},
            'date': {'type': 'Date'}, 'moment': {'type': 'DateTime'},
        },
    }) %}
{% endmacro %}
