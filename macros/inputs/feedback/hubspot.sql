{# hubspot: what became of the lead status of companies, and deals opened, won and lost. #}

{% macro feedback_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`company_property_history` (the changes of `status_property`) and `deals`, with `companies` and `deal_companies` for the account',
        'tables': {
            'company_property_history': {'is': 'one row per change of a property of a company', 'known_by': ['company_id', 'name|property', 'value', 'timestamp']},
            'deals': {'is': 'one row per deal', 'known_by': ['properties.dealstage|property_dealstage|dealstage|deal_pipeline_stage_id']},
            'companies': {'is': 'one row per company'},
            'deal_companies': {'is': 'one row per deal and company'},
            'merged_deals': {'is': 'one row per deal that was merged into another'},
        },
        'options': {
            'product_account_id': {'is': 'text', 'default': 'properties.pql_account_id'},
            'status_property': {'is': 'text', 'default': 'hs_lead_status'},
        },
        'without': ['columns'],
        'dispositions': {
            'new': 'none', 'open': 'accepted', 'in_progress': 'working', 'open_deal': 'working', 'attempted_to_contact': 'working',
            'connected': 'working', 'unqualified': 'rejected', 'bad_timing': 'recycled',
        },
        'notes': 'A deal is an answer when it is opened (`accepted`) and when it is closed (`won`, `lost`). A lead status counts from the moment it was set, so the history is read and not its present value. Other lead statuses: `dispositions: {their word: ours, or none}`.',
    }) %}
{% endmacro %}

{% macro feedback_source__hubspot(source) %}
    {% set tables = source_tables(source, ['company_property_history', 'deals']) %}
    {% set deals = hubspot_deals(tables, source.product_account_id) %}
    {% set history = joined_tables(tables.company_property_history, ['company_id', 'companyId'], tables.companies, ['id', 'company_id'],
        {'company_account_id': source.product_account_id}) %}
    {% do return(united_inputs('crm_pql_feedback', [
        hubspot_status_answers(source, history),
        hubspot_deal_answers(source, deals, 'opened', text_literal('accepted'), hubspot_property('createdate')),
        hubspot_deal_answers(source, deals, 'closed', 'case when ' ~ hubspot_is(deals, 'won') ~ " then 'won' else 'lost' end" if deals,
            hubspot_property('closedate')),
    ])) %}
{% endmacro %}

{% macro hubspot_status_answers(source, history) %}
    {% if not history %}{% do return(none) %}{% endif %}
    {% set name, value, set_at = field(history, ['name', 'property']), field(history, 'value'), field(history, 'timestamp') %}
    {% do return(in_our_words(source, mapped_input(source, 'crm_pql_feedback', history, {
        'feedback_id': {'sql': dbt.concat(["'company-'", field(history, ['company_id', 'companyId']), "'-'", set_at])},
        'pql_account_id': ['company_account_id'],
        'disposition': {'sql': value},
        'dispositioned_at': ['timestamp'],
    }, name ~ ' = ' ~ text_literal(source.status_property) ~ ' and ' ~ value ~ ' is not null'))) %}
{% endmacro %}

{# Each deal once: when it was opened, or, where it is closed, when that was. #}
{% macro hubspot_deal_answers(source, deals, what, disposition, moment) %}
    {% if not deals %}{% do return(none) %}{% endif %}
    {% set where = not_deleted(deals) %}
    {% if what == 'closed' %}{% set where = where ~ ' and (' ~ hubspot_is(deals, 'won') ~ ' or ' ~ hubspot_is(deals, 'lost') ~ ')' %}{% endif %}
    {% do return(mapped_input(source, 'crm_pql_feedback', deals, {
        'feedback_id': {'sql': dbt.concat(["'deal-'", field(deals, ['id', 'deal_id']), text_literal('-' ~ what)])},
        'pql_account_id': [source.product_account_id, 'company_account_id'],
        'disposition': {'sql': disposition},
        'dispositioned_at': moment,
        'opportunity_id': ['id', 'deal_id'],
        'opportunity_amount': hubspot_property('amount'),
    }, where)) %}
{% endmacro %}
