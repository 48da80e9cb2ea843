{# hubspot: deals won. #}

{% macro conversion_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`deals` won, with `companies` and `deal_companies` (deal_id, company_id, type_id) for the account; companies inside the deal are read as well. `merged_deals` (deal_id, merged_deal_id), where a connector has it',
        'tables': {
            'deals': {'is': 'one row per deal', 'required': true, 'known_by': ['properties.dealstage|property_dealstage|dealstage|deal_pipeline_stage_id']},
            'companies': {'is': 'one row per company'},
            'deal_companies': {'is': 'one row per deal and company', 'id_repeats': true},
            'merged_deals': {'is': 'one row per deal that was merged into another', 'id_repeats': true},
        },
        'options': {'product_account_id': {'is': 'text', 'required': true}, 'won_stages': {'is': 'texts', 'default': ['closedwon']}},
        'notes': '`product_account_id` is the property with the account id of the product, of the deal or else of its company. A deal is won where `hs_is_closed_won` is true, else where its stage is one of `won_stages`. Leave out renewals with `where: {properties.pipeline: …}` or `{properties.dealtype: newbusiness}`.',
        'facts': {
            'key': {'is': 'the deal', 'page': 'https://developers.hubspot.com/docs/api-reference/crm-deals-v3/guide'},
            'clock': {
                'is': '`closedate`, a moment; only a date where it is delivered as one',
                'page': 'https://developers.hubspot.com/docs/api-reference/crm-deals-v3/guide',
            },
            'identity': {
                'is': 'the deal\'s own property, else that of its primary company (`type_id` 5, the label `Primary`, `hs_primary_associated_company`, twice in a list of ids), where that has an account, else the one account that its companies have, archived ones last; several are rejected as `several_accounts`',
                'page': 'https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide',
            },
            'none': {
                'is': 'deals not won, archived or deleted; of amount 0, rejected as `nothing_paid`; those merged into another, which lists them (`hs_merged_object_ids`)',
                'page': 'https://developers.hubspot.com/changelog/announcement-deals-now-support-merging',
            },
        },
    }) %}
{% endmacro %}

{% macro conversion_source__hubspot(source) %}
    {% set tables = source_tables(source, ['deals']) %}
    {% if not tables.deals %}{% do return(none) %}{% endif %}
    {% do check_where(source, [tables.deals]) %}
    {% set deals = wanted_rows(source, hubspot_deals(tables, source.product_account_id)) %}
    {% do return(mapped_input(source, 'conversions', deals, {
        'conversion_id': ['id', 'deal_id'],
        'account_id': [source.product_account_id, 'company_account_id'],
        'converted_at': hubspot_property('closedate') + ['close_date'],
        'plan': hubspot_property('plan'),
        'amount': hubspot_property('amount'),
    }, hubspot_is(deals, 'won', source.won_stages) ~ ' and ' ~ not_deleted(deals))) %}
{% endmacro %}

{#
    The deals with the account of their company: of the primary one where it has an account, else the one that all companies
    have. Where several could be meant and the deal does not say itself, `adapter_fault` says so.
#}
{% macro hubspot_deals(tables, product_account_id) %}
    {% set id = ['id', 'deal_id'] %}
    {% set deals = without_merged(tables.deals, [hubspot_mergers(tables.deals, id), one_value(tables.merged_deals, 'merged_deal_id', 'deal_id')], id) %}
    {% if not deals %}{% do return(none) %}{% endif %}
    {% set links = hubspot_links(tables, product_account_id) %}
    {% set primary = one_value(links, 'deal_id', 'account_id', field(links, 'is_primary') ~ " = 'true' and " ~ field(links, 'account_id', 'id') ~ ' is not null') if links %}
    {% set deals = joined_tables(deals, id, primary, 'one_key',
        {'primary_deal_id': 'one_key', 'primary_account_id': 'one_value', 'primary_has_several': 'has_several'}) %}
    {% set deals = joined_tables(deals, id, one_value(links, 'deal_id', 'account_id'), 'one_key',
        {'any_account_id': 'one_value', 'any_has_several': 'has_several'}) %}
    {% set of_primary = field(deals, 'primary_deal_id') ~ ' is not null then ' %}
    {% set several = 'case when ' ~ of_primary ~ field(deals, 'primary_has_several') ~ ' else ' ~ field(deals, 'any_has_several') ~ ' end' %}
    {% do return(with_columns(deals, {
        'company_account_id': 'case when ' ~ of_primary ~ field(deals, 'primary_account_id') ~ ' else ' ~ field(deals, 'any_account_id') ~ ' end',
        'adapter_fault': 'case when ' ~ field(deals, product_account_id, 'id') ~ ' is null and ' ~ several ~ " = 'true' then 'several_accounts' end",
    })) %}
{% endmacro %}

{#
    Every company of every deal, (deal_id, company_id, is_primary, account_id): of the table of links, and of lists in the deals.
    An archived company has an account only where no other of the deal has one.
#}
{% macro hubspot_links(tables, product_account_id) %}
    {% set inside = listed_rows(tables.deals, ['associations.companies.results', 'associations.companies', 'associations.associatedCompanyIds', 'companies'], 'link') %}
    {% set parts = [] %}
    {% if tables.deal_companies %}
        {% do parts.append(hubspot_link(tables.deal_companies, ['deal_id', 'from_object_id'], ['company_id', 'to_object_id'], '')) %}
    {% endif %}
    {% if inside %}
        {% do parts.append(hubspot_link(inside, ['id', 'deal_id'], ['link.id', 'link.company_id', 'link.companyId', 'link.toObjectId', 'link'], 'link.', product_account_id)) %}
    {% endif %}
    {% set single = ['properties.hs_primary_associated_company', 'property_hs_primary_associated_company', 'hs_primary_associated_company'] %}
    {% if field_is_there(tables.deals, single) %}
        {% set of_one = with_columns(tables.deals, {'type_id': "'5'"}, {}, field(tables.deals, single) ~ ' is not null') %}
        {% do parts.append(hubspot_link(of_one, ['id', 'deal_id'], single, '')) %}
    {% endif %}
    {% if not parts %}{% do return(none) %}{% endif %}
    {% set columns = {'deal_id': 'VARCHAR', 'company_id': 'VARCHAR', 'is_primary': 'VARCHAR', 'own_account_id': 'VARCHAR'} %}
    {% set links = {'from': '(' ~ parts | join(' union all ') ~ ') as links', 'columns': columns, 'address': 'companies of deals'} %}
    {% set links = with_survivors(links, 'company_id', hubspot_mergers(tables.companies, ['id', 'company_id'])) %}
    {% set companies = tables.companies %}
    {% set wanted = {'company_account_id': product_account_id} %}
    {% if companies %}{% do wanted.update({'is_archived': {'sql': 'case when not (' ~ not_deleted(companies) ~ ") then 'true' end"}}) %}{% endif %}
    {% set links = joined_tables(links, 'company_id', companies, ['id', 'company_id'], wanted) %}
    {% set account = field(links, ['own_account_id', 'company_account_id'], 'id') %}
    {% set living = 'case when ' ~ field(links, 'is_archived') ~ ' is null then ' ~ account ~ ' end' %}
    {% do return(with_columns(links, {
        'account_id': 'coalesce(' ~ living ~ ', case when max(' ~ living ~ ') over (partition by ' ~ quoted_name('deal_id') ~ ') is null then ' ~ account ~ ' end)',
    })) %}
{% endmacro %}

{#
    Records that were merged into others: (one_key, one_value), the second the last survivor, which lists the first. Exports
    may hold them as if nothing had happened.
#}
{% macro hubspot_mergers(found, id) %}
    {% set name = 'hs_merged_object_ids' %}
    {% set paths = ['properties.' ~ name, 'property_' ~ name, name] %}
    {% if not found or not field_is_there(found, paths) %}{% do return(none) %}{% endif %}
    {% set ids = "replace(replace(" ~ field(found, paths) ~ ", ' ', ''), ';', '\",\"')" %}
    {% set listed = with_columns(found, {'merged_ids': dbt.concat(["'[\"'", ids, "'\"]'"]), 'survivor_id': field(found, id)}, {}, field(found, paths) ~ ' is not null') %}
    {% set pairs = with_columns(listed_rows(listed, 'merged_ids', 'merged_id'), {}, {}, named('[merged_id] <> [survivor_id]')) %}
    {% set pairs = joined_tables(pairs, 'survivor_id', pairs, 'merged_id', {'went_on_to': 'survivor_id'}) %}
    {% do return(one_value(pairs, 'merged_id', 'survivor_id', named('[went_on_to] is null'))) %}
{% endmacro %}

{# Records without those that were merged into others. #}
{% macro without_merged(found, mergers, id) %}
    {% set left = namespace(found=found) %}
    {% for merged in mergers if merged and found %}
        {% set name = 'merged_id_' ~ loop.index %}
        {% set joined = joined_tables(left.found, id, merged, 'one_key', {name: 'one_key'}) %}
        {% set left.found = with_columns(joined, {}, {}, quoted_name(name) ~ ' is null') %}
    {% endfor %}
    {% do return(left.found) %}
{% endmacro %}

{# Rows that name a record, with the survivor where it was merged into one. #}
{% macro with_survivors(found, key, merged) %}
    {% if not merged %}{% do return(found) %}{% endif %}
    {% set joined = joined_tables(found, key, merged, 'one_key', {'survivor_id': 'one_value'}) %}
    {% do return(with_columns(joined, {key: field(joined, ['survivor_id', key])})) %}
{% endmacro %}

{#
    Links to the primary company are of HubSpot's own type 5, which older interfaces write out; 341 is any company. In a list of
    mere ids the primary one is there twice, once for each of these.
#}
{% macro hubspot_link(found, deal_id, company_id, start, product_account_id=none) -%}
{%- set types = "replace(" ~ field(found, [start ~ 'associationTypes', start ~ 'association_types']) ~ ", ' ', '')" -%}
select
    {{ field(found, deal_id) }} as {{ quoted_name('deal_id') }},
    {{ field(found, company_id) }} as {{ quoted_name('company_id') }},
    case
        when {{ field(found, [start ~ 'type_id', start ~ 'typeId', start ~ 'association_type_id']) }} = '5'
            and coalesce({{ field(found, start ~ 'category') }}, 'HUBSPOT_DEFINED') = 'HUBSPOT_DEFINED' then 'true'
        when lower({{ field(found, start ~ 'label') }}) = 'primary' then 'true'
        when {{ field(found, start ~ 'type') }} = 'deal_to_company' then 'true'
        when {{ types }} like '%"typeId":5,%' or {{ types }} like '%"typeId":5}%' then 'true'
        when {{ says_true(field(found, [start ~ 'is_primary', start ~ 'primary'])) }} then 'true'
        {%- if start %}
        when substr({{ field(found, 'link') }}, 1, 1) <> '{' and count(*) over (partition by {{ field(found, deal_id) }}, {{ field(found, company_id) }}) > 1 then 'true'
        {%- endif %}
    end as {{ quoted_name('is_primary') }},
    {{ field(found, start ~ product_account_id) if product_account_id else field(found, []) }} as {{ quoted_name('own_account_id') }}
from {{ found['from'] }}
{%- endmacro %}

{# Where a property of HubSpot stands: in `properties`, with its history as the oldest interface has it, or as a column. #}
{% macro hubspot_property(name) %}
    {% do return(['properties.' ~ name ~ '.value', 'properties.' ~ name, 'property_' ~ name ~ '.value', 'property_' ~ name, name]) %}
{% endmacro %}

{# Whether a deal is won, or lost; by its stage where HubSpot's own property is not there. #}
{% macro hubspot_is(deals, end, stages=none) %}
    {% set flag = 'hs_is_closed_' ~ end %}
    {% set stage = field(deals, hubspot_property('dealstage') + ['deal_pipeline_stage_id']) %}
    {% do return(says_true('coalesce(' ~ field(deals, hubspot_property(flag)) ~ ', case when ' ~ stage
        ~ ' in (' ~ text_literals(stages or ['closed' ~ end]) ~ ") then 'true' end)")) %}
{% endmacro %}
