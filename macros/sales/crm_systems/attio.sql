{# attio: companies and people. A kind is the type of an attribute; its slug is our name. #}
{% macro crm_system__attio() %}
    {% do return({
        'title': 'Attio',
        'suffix': '',
        'link': 'attio_company_id',
        'tables': {
            'accounts': {'table': 'crm_attio_companies', 'record': 'company', 'object': 'companies'},
            'contacts': {'table': 'crm_attio_people', 'record': 'person', 'object': 'people'},
        },
        'kinds': {
            'key': {'type': 'text'}, 'id': {'type': 'text'}, 'text': {'type': 'text'}, 'link': {'type': 'text'},
            'long_text': {'type': 'text'}, 'email': {'type': 'text'},
            'flag': {'type': 'checkbox'}, 'choice': {'type': 'select'}, 'choices': {'type': 'select', 'is_multiselect': true},
            'number': {'type': 'number'}, 'figure': {'type': 'number'}, 'date': {'type': 'date'}, 'moment': {'type': 'timestamp'},
        },
    }) %}
{% endmacro %}
