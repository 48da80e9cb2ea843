{# hubspot: when companies and contacts entered each lifecycle stage. #}

{% macro lead_stage_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`companies` and `contacts` by the dates at which they entered each lifecycle stage (`hs_v2_date_entered_…`, `hs_lifecyclestage_…_date`), and the changes of `lifecyclestage` in `company_property_history` and `contact_property_history`; a contact is its company\'s (`associatedcompanyid`)',
        'tables': {
            'companies': {'is': 'one row per company'},
            'contacts': {'is': 'one row per contact'},
            'company_property_history': {'is': 'one row per change of a property of a company'},
            'contact_property_history': {'is': 'one row per change of a property of a contact'},
        },
        'options': {'product_account_id': {'is': 'text', 'default': 'properties.pql_account_id'}},
        'without': ['columns'],
        'stages': {'customer': 'none', 'evangelist': 'none', 'marketingqualifiedlead': 'mql', 'salesqualifiedlead': 'sql'},
        'notes': '`marketingqualifiedlead` is called `mql` here and `salesqualifiedlead` `sql`; `stages: {their word: ours, or none}` names others, such as a stage of your own, which HubSpot knows by a number. The dates tell of the last time that a record entered a stage, the history of the first as well.',
        'facts': {
            'key': {'is': 'account, stage and moment; the first of all counts', 'page': 'https://knowledge.hubspot.com/records/use-lifecycle-stages'},
            'clock': {'is': 'the moment at which the stage was entered, in the property or its history', 'page': 'https://knowledge.hubspot.com/properties/stage-calculated-properties'},
            'identity': {'is': '`product_account_id` of the record, else of the company of the contact', 'page': 'https://knowledge.hubspot.com/properties/hubspots-default-contact-properties'},
            'none': {'is': 'archived records; the stages `customer` and `evangelist`, which say that somebody has paid', 'page': 'https://knowledge.hubspot.com/records/use-lifecycle-stages'},
        },
    }) %}
{% endmacro %}

{% macro lead_stage_source__hubspot(source) %}
    {% set tables = source_tables(source, ['companies', 'contacts', 'company_property_history', 'contact_property_history']) %}
    {% set companies = with_columns(tables.companies, {}, {}, not_deleted(tables.companies)) if tables.companies %}
    {% set contacts = with_columns(tables.contacts, {}, {}, not_deleted(tables.contacts)) if tables.contacts %}
    {% set company = ['properties.associatedcompanyid', 'property_associatedcompanyid', 'associatedcompanyid'] %}
    {% set contacts = joined_tables(contacts, company, companies, ['id', 'company_id'], {'company_account_id': source.product_account_id}) %}
    {% set account = [source.product_account_id, 'company_account_id'] %}
    {% set parts = [hubspot_entries(source, companies, account), hubspot_entries(source, contacts, account)] %}
    {% for kind, records in {'company': companies, 'contact': contacts}.items() %}
        {% do parts.append(hubspot_entries_of_history(source, tables[kind ~ '_property_history'], kind, records, account)) %}
    {% endfor %}
    {% do return(in_our_stages(source, united_stages(parts))) %}
{% endmacro %}

{# The stages that records have a date of, one row each; none where no column is such a date. #}
{% macro hubspot_entries(source, found, account) %}
    {% set added, stages, whens = {}, [], [] %}
    {% for stage in (hubspot_stages(source, found) if found else []) %}
        {% set paths = [] %}
        {% for name in ['hs_v2_date_entered_' ~ stage, 'hs_lifecyclestage_' ~ stage ~ '_date'] %}
            {% do paths.extend(['properties.' ~ name, 'property_' ~ name, name]) %}
        {% endfor %}
        {% if field_is_there(found, paths) %}
            {% set column = 'entered_' ~ loop.index %}
            {% do added.update({column: field(found, paths)}) %}
            {% do stages.append('select ' ~ text_literal(stage) ~ ' as ' ~ identifier('stage')) %}
            {% do whens.append('when ' ~ text_literal(stage) ~ ' then ' ~ identifier(column)) %}
        {% endif %}
    {% endfor %}
    {% if not stages %}{% do return(none) %}{% endif %}
    {% do added.update({'entry_account': first_id(found, account)}) %}
    {% set from %}
(
    select
        {{ identifier('entry_account') }} as {{ identifier('account_id') }},
        stages.{{ identifier('stage') }},
        case stages.{{ identifier('stage') }} {{ whens | join(' ') }} end as {{ identifier('entered_at') }}
    from {{ with_columns(found, added)['from'] }}
    cross join ({{ stages | join(' union all ') }}) as stages
) as entries
    {% endset %}
    {% set entries = {'from': from, 'columns': {'account_id': 'VARCHAR', 'stage': 'VARCHAR', 'entered_at': 'VARCHAR'}, 'address': found.address} %}
    {% do return(mapped_input(source, 'lead_stages', entries, {}, identifier('entered_at') ~ ' is not null')) %}
{% endmacro %}

{# HubSpot's own stages, those that `stages` names, and those that columns are named after. #}
{% macro hubspot_stages(source, found) %}
    {% set stages = ['subscriber', 'lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'other'] + source.stages | list %}
    {% for column, type in found.columns.items() %}
        {% do stages.extend(modules.re.findall('hs_v2_date_entered_([a-z0-9_]+)', (column ~ ' ' ~ type) | lower)) %}
        {% do stages.extend(modules.re.findall('hs_lifecyclestage_([a-z0-9_]+)_date', (column ~ ' ' ~ type) | lower)) %}
    {% endfor %}
    {% set wanted = [] %}
    {% for stage in stages | unique if source.stages[stage] != 'none' %}{% do wanted.append(stage) %}{% endfor %}
    {% do return(wanted) %}
{% endmacro %}

{% macro hubspot_entries_of_history(source, history, kind, records, account) %}
    {% if not history or not records %}{% do return(none) %}{% endif %}
    {% set records = with_columns(records, {'record_account_id': field(records, account, 'id')}) %}
    {% set found = joined_tables(history, [kind ~ '_id', kind ~ 'Id'], records, ['id', kind ~ '_id'], {'record_account_id': 'record_account_id'}) %}
    {% do return(mapped_input(source, 'lead_stages', found, {
        'account_id': ['record_account_id'], 'stage': ['value'], 'entered_at': ['timestamp'],
    }, field(found, ['name', 'property']) ~ " = 'lifecyclestage' and " ~ field(found, 'value') ~ ' is not null')) %}
{% endmacro %}
