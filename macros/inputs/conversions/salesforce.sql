{# salesforce: opportunities won. #}

{% macro conversion_source__salesforce__spec() %}
    {% do return({
        'title': 'Salesforce',
        'reads': '`opportunities` won, with `accounts` and converted `leads` for the account of the product',
        'tables': {
            'opportunities': {'is': 'one row per opportunity', 'required': true, 'known_by': ['stage_name', 'close_date', 'is_won']},
            'accounts': {'is': 'one row per Salesforce account'},
            'leads': {'is': 'one row per lead'},
        },
        'options': {'product_account_id': {'is': 'text', 'required': true}},
        'same_id': 'salesforce_id',
        'notes': '`product_account_id` is the field with the account id of the product, of the opportunity, else of its account, else of the lead that was converted into either. Leave out renewals with `where: {Type: New Business}` or a record type: `where: {RecordTypeId: …}`.',
        'facts': {
            'key': {'is': 'the opportunity; ids of 15 and of 18 characters are the same', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm'},
            'clock': {
                'is': '`CloseDate`, which is a date: some moment of that local day, also where a connector adds a midnight',
                'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm',
            },
            'identity': {
                'is': 'the field of the opportunity, its account (of one merged into another, `MasterRecordId`, the other), the lead converted into the opportunity, one converted into the account; several leads that differ are rejected as `several_accounts`',
                'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm',
            },
            'none': {
                'is': 'opportunities not won (`IsWon`), deleted; of amount 0, rejected as `nothing_paid`',
                'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm',
            },
        },
    }) %}
{% endmacro %}

{% macro conversion_source__salesforce(source) %}
    {% set tables = source_tables(source, ['opportunities']) %}
    {% if not tables.opportunities %}{% do return(none) %}{% endif %}
    {% do check_where(source, [tables.opportunities]) %}
    {% set found = wanted_rows(source, salesforce_opportunities(tables, source.product_account_id)) %}
    {% set won = says_true('coalesce(' ~ field(found, 'is_won') ~ ', case when ' ~ field(found, 'stage_name') ~ " = 'Closed Won' then 'true' end)") %}
    {% do return(mapped_input(source, 'conversions', found, {
        'conversion_id': ['id'],
        'account_id': [source.product_account_id, 'product_account_key'],
        'converted_at': {'sql': day_text(field(found, 'close_date'))},
        'plan': ['plan__c'],
        'amount': ['amount'],
    }, won ~ ' and ' ~ not_deleted(found))) %}
{% endmacro %}

{# Opportunities with the account of the product that their account has, else the lead that became one or the other. #}
{% macro salesforce_opportunities(tables, product_account_id) %}
    {% set found = salesforce_with_account(tables.opportunities, tables, product_account_id) %}
    {% if not tables.leads or not found %}{% do return(found) %}{% endif %}
    {% for name, key, own in [('opportunity', 'converted_opportunity_id', 'id'), ('account', 'converted_account_id', 'account_id')] %}
        {% set leads = one_value(tables.leads, salesforce_key(tables.leads, key), product_account_id, not_deleted(tables.leads)) %}
        {% do tables.update({name: leads}) %}
    {% endfor %}
    {% set found = joined_tables(found, salesforce_key(found, 'id'), tables.opportunity, 'one_key', {'lead_account_id': 'one_value', 'lead_several': 'has_several'}) %}
    {% set found = joined_tables(found, salesforce_key(found, 'account_id'), tables.account, 'one_key',
        {'account_lead_account_id': 'one_value', 'account_lead_several': 'has_several'}) %}
    {% set first = field(found, [product_account_id, 'product_account_key', 'lead_account_id'], 'id') %}
    {% do return(with_columns(found, {
        'product_account_key': field(found, ['product_account_key', 'lead_account_id', 'account_lead_account_id'], 'id'),
        'adapter_fault': 'case when ' ~ first ~ ' is null and ' ~ field(found, ['lead_several', 'account_lead_several']) ~ " = 'true' then 'several_accounts' end",
    })) %}
{% endmacro %}

{# Rows that name a Salesforce account, with the account of the product that it has, and its domain. #}
{% macro salesforce_with_account(found, tables, product_account_id) %}
    {% set accounts = salesforce_accounts(tables, product_account_id) %}
    {% do return(joined_tables(found, salesforce_key(found, 'account_id'), accounts, salesforce_key(accounts, 'id'),
        {'product_account_key': 'product_account_key', 'account_domain': 'account_domain'})) %}
{% endmacro %}

{#
    Salesforce accounts with the account of the product, `product_account_key`, and `account_domain`: of one that was merged
    into another, the other's.
#}
{% macro salesforce_accounts(tables, product_account_id) %}
    {% set accounts = tables.accounts %}
    {% if not accounts %}{% do return(none) %}{% endif %}
    {% set found = joined_tables(accounts, salesforce_key(accounts, 'master_record_id'), accounts, salesforce_key(accounts, 'id'),
        {'key_of_master': product_account_id, 'domain_of_master': ['domain', 'website']}) %}
    {% do return(with_columns(found, {
        'product_account_key': field(found, ['key_of_master', product_account_id]),
        'account_domain': field(found, ['domain_of_master', 'domain', 'website']),
    })) %}
{% endmacro %}

{# The id at a path, to be compared with others. #}
{% macro salesforce_key(found, path) %}
    {% do return({'sql': salesforce_id(field(found, path))} if found and field_is_there(found, path) else 'no_such_column') %}
{% endmacro %}

{# The last three of 18 characters say only which of the others are capitals. #}
{% macro salesforce_id(text) %}
    {% do return('case when length(' ~ text ~ ') = 18 then substr(' ~ text ~ ', 1, 15) else ' ~ text ~ ' end') %}
{% endmacro %}
