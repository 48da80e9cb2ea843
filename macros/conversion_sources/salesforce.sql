{# salesforce: opportunities won. #}

{% macro conversion_source__salesforce__spec() %}
    {% do return({
        'title': 'Salesforce',
        'reads': '`opportunities` won, with `accounts` for the account of the product',
        'tables': {
            'opportunities': {'is': 'one row per opportunity', 'required': true},
            'accounts': {'is': 'one row per Salesforce account'},
        },
        'options': {'product_account_id': {'is': 'text', 'required': true}},
        'notes': '`product_account_id` is the field with the account id of the product, of the opportunity or else of its account. Deleted rows are left out.',
    }) %}
{% endmacro %}

{% macro conversion_source__salesforce(source) %}
    {% set tables = source_tables(source, ['opportunities']) %}
    {% if not tables.opportunities %}{% do return(none) %}{% endif %}
    {% set found = joined_tables(tables.opportunities, 'account_id', tables.accounts, 'id', {'product_account_key': source.product_account_id}) %}
    {% do return(mapped_input(source, 'conversions', found, {
        'account_id': [source.product_account_id, 'product_account_key'],
        'converted_at': ['close_date'],
        'plan': ['plan__c'],
        'amount': ['amount'],
    }, 'lower(' ~ field(found, 'is_won') ~ ") = 'true' and " ~ not_deleted(found))) %}
{% endmacro %}
