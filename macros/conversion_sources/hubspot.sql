{# hubspot: deals won. #}

{% macro conversion_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`deals` won, with `companies` and `deal_companies` (deal_id, company_id) for the account',
        'tables': {
            'deals': {'is': 'one row per deal', 'required': true},
            'companies': {'is': 'one row per company'},
            'deal_companies': {'is': 'one row per deal and company'},
        },
        'options': {'product_account_id': {'is': 'text', 'required': true}},
        'notes': '`product_account_id` is the property with the account id of the product, of the deal or else of its company. A deal is won where `hs_is_closed_won` is true, else where its stage is `closedwon`.',
    }) %}
{% endmacro %}

{% macro conversion_source__hubspot(source) %}
    {% set tables = source_tables(source, ['deals']) %}
    {% if not tables.deals %}{% do return(none) %}{% endif %}
    {% set deals = hubspot_deals(tables, source.product_account_id) %}
    {% do return(mapped_input(source, 'conversions', deals, {
        'account_id': [source.product_account_id, 'company_account_id'],
        'converted_at': ['properties.closedate', 'property_closedate', 'closedate', 'close_date'],
        'plan': ['properties.plan', 'property_plan'],
        'amount': ['properties.amount', 'property_amount', 'amount'],
    }, hubspot_is(deals, 'won') ~ ' and ' ~ not_deleted(deals))) %}
{% endmacro %}

{# The deals with the account of their company. #}
{% macro hubspot_deals(tables, product_account_id) %}
    {% set linked = joined_tables(tables.deals, ['id', 'deal_id'], tables.deal_companies, ['deal_id'], {'linked_company_id': 'company_id'}) %}
    {% do return(joined_tables(linked, ['linked_company_id', 'company_id'], tables.companies, ['id', 'company_id'], {'company_account_id': product_account_id})) %}
{% endmacro %}

{# Whether a deal is won, or lost; by its stage where HubSpot's own property is not there. #}
{% macro hubspot_is(deals, end) %}
    {% set flag = 'hs_is_closed_' ~ end %}
    {% set stage = field(deals, ['properties.dealstage', 'property_dealstage', 'deal_pipeline_stage_id', 'dealstage']) %}
    {% do return('coalesce(lower(' ~ field(deals, ['properties.' ~ flag, 'property_' ~ flag, flag]) ~ '), case when ' ~ stage
        ~ ' = ' ~ text_literal('closed' ~ end) ~ " then 'true' end, 'false') = 'true'") %}
{% endmacro %}
