{# hubspot: companies and contacts. A kind is HubSpot's type and field type. #}
{% macro crm_system__hubspot() %}
    {% do return({
        'title': 'HubSpot',
        'suffix': '',
        'link': 'hubspot_company_id',
        'tables': {
            'accounts': {'table': 'crm_hubspot_companies', 'record': 'company', 'object': 'companies'},
            'contacts': {'table': 'crm_hubspot_contacts', 'record': 'contact', 'object': 'contacts'},
        },
        'kinds': {
            'key': ['string', 'text'], 'id': ['string', 'text'], 'text': ['string', 'text'], 'link': ['string', 'text'],
            'long_text': ['string', 'textarea'], 'email': ['string', 'text'],
            'flag': ['bool', 'booleancheckbox'], 'choice': ['enumeration', 'select'], 'choices': ['enumeration', 'checkbox'],
            'number': ['number', 'number'], 'figure': ['number', 'number'], 'date': ['date', 'date'], 'moment': ['datetime', 'date'],
        },
    }) %}
{% endmacro %}
