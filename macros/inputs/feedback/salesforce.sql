{# salesforce: what became of a status field of accounts, and opportunities opened, won and lost. #}

{% macro feedback_source__salesforce__spec() %}
    {% do return({
        'title': 'Salesforce',
        'reads': '`account_history` (the changes of `status_field`) and `opportunities`, with `accounts` and converted `leads` for the account of the product',
        'tables': {
            'account_history': {'is': 'one row per change of a field of an account', 'known_by': ['account_id', 'field', 'new_value']},
            'opportunities': {'is': 'one row per opportunity', 'known_by': ['stage_name', 'close_date', 'is_won']},
            'accounts': {'is': 'one row per Salesforce account'},
            'leads': {'is': 'one row per lead'},
        },
        'options': {
            'product_account_id': {'is': 'text', 'default': 'pql_account_id__c'},
            'status_field': {'is': 'text', 'default': 'PQL_Disposition__c'},
        },
        'without': ['columns'],
        'notes': 'An opportunity is an answer when it is opened (`accepted`) and when it is closed (`won`, `lost`). A status counts from the moment it was set: switch on the history of `status_field`. Its words, where they are not ours: `dispositions: {their word: ours, or none}`.',
    }) %}
{% endmacro %}

{% macro feedback_source__salesforce(source) %}
    {% set tables = source_tables(source, ['account_history', 'opportunities']) %}
    {% set opportunities = salesforce_opportunities(tables, source.product_account_id) %}
    {% set history = salesforce_with_account(tables.account_history, tables, source.product_account_id) %}
    {% do return(united_inputs('crm_pql_feedback', [
        salesforce_status_answers(source, history),
        salesforce_opportunity_answers(source, opportunities, 'opened', text_literal('accepted'), ['created_date']),
        salesforce_opportunity_answers(source, opportunities, 'closed',
            'case when ' ~ says_true(field(opportunities, 'is_won')) ~ " then 'won' else 'lost' end" if opportunities, ['close_date']),
    ])) %}
{% endmacro %}

{% macro salesforce_status_answers(source, history) %}
    {% if not history %}{% do return(none) %}{% endif %}
    {% set value = field(history, 'new_value') %}
    {% do return(in_our_words(source, mapped_input(source, 'crm_pql_feedback', history, {
        'feedback_id': {'sql': dbt.concat(["'history-'", field(history, 'id')])},
        'pql_account_id': ['product_account_key'],
        'disposition': {'sql': 'lower(' ~ value ~ ')'},
        'dispositioned_at': ['created_date'],
    }, 'lower(' ~ field(history, 'field') ~ ') = lower(' ~ text_literal(source.status_field) ~ ') and ' ~ value ~ ' is not null and ' ~ not_deleted(history)))) %}
{% endmacro %}

{# Each opportunity once: when it was opened, or, where it is closed, when that was. #}
{% macro salesforce_opportunity_answers(source, opportunities, what, disposition, moment) %}
    {% if not opportunities %}{% do return(none) %}{% endif %}
    {% set where = not_deleted(opportunities) %}
    {% if what == 'closed' %}{% set where = where ~ ' and ' ~ says_true(field(opportunities, 'is_closed')) %}{% endif %}
    {% do return(mapped_input(source, 'crm_pql_feedback', opportunities, {
        'feedback_id': {'sql': dbt.concat(["'opportunity-'", field(opportunities, 'id'), text_literal('-' ~ what)])},
        'pql_account_id': [source.product_account_id, 'product_account_key'],
        'disposition': {'sql': disposition},
        'dispositioned_at': moment,
        'opportunity_id': ['id'],
        'opportunity_amount': ['amount'],
    }, where)) %}
{% endmacro %}
