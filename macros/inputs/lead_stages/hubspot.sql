{# hubspot: when companies and contacts entered each lifecycle stage. #}

{% macro lead_stage_source__hubspot__spec() %}
    {% do return({
        'title': 'HubSpot',
        'reads': '`companies` and `contacts` by the dates at which they entered each lifecycle stage (`hs_v2_date_entered_…`, `hs_lifecyclestage_…_date`), and the changes of `lifecyclestage`, within them (`propertiesWithHistory`) or in `company_property_history` and `contact_property_history`; a contact is its company\'s (`associatedcompanyid`)',
        'tables': {
            'companies': {'is': 'one row per company'},
            'contacts': {'is': 'one row per contact'},
            'company_property_history': {'is': 'one row per change of a property of a company'},
            'contact_property_history': {'is': 'one row per change of a property of a contact'},
        },
        'options': {'product_account_id': {'is': 'text', 'default': 'properties.pql_account_id'}},
        'without': ['columns'],
        'stages': {'customer': 'none', 'evangelist': 'none', 'marketingqualifiedlead': 'mql', 'salesqualifiedlead': 'sql'},
        'notes': 'A domain that no account has, or several, and one of free mail, says of nobody that the lead is theirs. `marketingqualifiedlead` is called `mql` here and `salesqualifiedlead` `sql`; `stages: {their word: ours, or none}` names others, such as a stage of your own, which HubSpot knows by a number. The dates tell of the last time that a record entered a stage, the history of the first as well.',
        'facts': {
            'key': {'is': 'account, stage and moment; the first of all counts', 'page': 'https://knowledge.hubspot.com/records/use-lifecycle-stages'},
            'clock': {'is': 'the moment at which the stage was entered, in the property or its history', 'page': 'https://knowledge.hubspot.com/properties/stage-calculated-properties'},
            'identity': {'is': '`product_account_id` of the record, else of the company of the contact (of one merged into another, the other); else the host of the company\'s `domain` or `website`, or of the contact\'s e-mail address', 'page': 'https://knowledge.hubspot.com/properties/hubspots-default-contact-properties'},
            'none': {'is': 'archived records; the stages `customer` and `evangelist`, which say that somebody has paid', 'page': 'https://knowledge.hubspot.com/records/use-lifecycle-stages'},
        },
    }) %}
{% endmacro %}

{% macro lead_stage_source__hubspot(source) %}
    {% set tables = source_tables(source, ['companies', 'contacts', 'company_property_history', 'contact_property_history']) %}
    {% set companies = hubspot_companies(tables.companies, source.product_account_id) %}
    {% set contacts = hubspot_contacts(tables, companies, source.product_account_id) %}
    {% set parts = [] %}
    {% for kind, records in {'company': companies, 'contact': contacts}.items() if records %}
        {% do parts.append(hubspot_entries(source, records)) %}
        {% do parts.append(hubspot_entries_within(source, records)) %}
        {% do parts.append(hubspot_entries_of_history(source, tables[kind ~ '_property_history'], kind, records)) %}
    {% endfor %}
    {% do return(in_our_stages(source, united_stages(parts))) %}
{% endmacro %}

{# Companies with whom they are about: `record_account_id`, `record_domain`; of one merged into another, whom that is about. #}
{% macro hubspot_companies(companies, product_account_id) %}
    {% if not companies %}{% do return(none) %}{% endif %}
    {% set id = ['id', 'company_id'] %}
    {% set domain = hubspot_property('domain') + hubspot_property('website') %}
    {% set found = joined_tables(companies, id, hubspot_mergers(companies, id), 'one_key', {'survivor_id': 'one_value'}) %}
    {% set found = joined_tables(found, 'survivor_id', companies, id, {'survivor_account_id': product_account_id, 'survivor_domain': domain}) %}
    {% do return(with_columns(found, {
        'record_account_id': first_id(found, ['survivor_account_id', product_account_id]),
        'record_domain': host_of(field(found, ['survivor_domain'] + domain)),
    }, {}, not_deleted(found))) %}
{% endmacro %}

{# Contacts with the same: of themselves, else of their company; the domain of their address only where no company has one. #}
{% macro hubspot_contacts(tables, companies, product_account_id) %}
    {% if not tables.contacts %}{% do return(none) %}{% endif %}
    {% set company = field(tables.contacts, hubspot_property('associatedcompanyid') + ['associations.companies.results.0.id']) %}
    {% set found = with_survivors(with_columns(tables.contacts, {'company_key': company}), 'company_key', hubspot_mergers(tables.companies, ['id', 'company_id'])) %}
    {% set found = joined_tables(found, 'company_key', companies, ['id', 'company_id'], {'company_account_id': 'record_account_id', 'company_domain': 'record_domain'}) %}
    {% do return(with_columns(found, {
        'record_account_id': first_id(found, [product_account_id, 'company_account_id']),
        'record_domain': 'coalesce(' ~ field(found, 'company_domain') ~ ', ' ~ host_of(field(found, hubspot_property('email') + hubspot_property('hs_email_domain'))) ~ ')',
    }, {}, not_deleted(found))) %}
{% endmacro %}

{# The stages that records have a date of, one row each; none where no column is such a date. #}
{% macro hubspot_entries(source, found) %}
    {% set added, stages, whens = {}, [], [] %}
    {% for stage in hubspot_stages(source, found) %}
        {% set paths = hubspot_property('hs_v2_date_entered_' ~ stage) + hubspot_property('hs_lifecyclestage_' ~ stage ~ '_date') %}
        {% if field_is_there(found, paths) %}
            {% set column = 'entered_' ~ loop.index %}
            {% do added.update({column: field(found, paths)}) %}
            {% do stages.append('select ' ~ text_literal(stage) ~ ' as ' ~ quoted_name('stage')) %}
            {% do whens.append('when ' ~ text_literal(stage) ~ ' then ' ~ quoted_name(column)) %}
        {% endif %}
    {% endfor %}
    {% if not stages %}{% do return(none) %}{% endif %}
    {% set from %}
(
    select
        {{ quoted_name('record_account_id') }},
        {{ quoted_name('record_domain') }},
        stages.{{ quoted_name('stage') }},
        case stages.{{ quoted_name('stage') }} {{ whens | join(' ') }} end as {{ quoted_name('entered_at') }}
    from {{ with_columns(found, added)['from'] }}
    cross join ({{ stages | join(' union all ') }}) as stages
) as entries
    {% endset %}
    {% set entries = {'from': from, 'columns': {'record_account_id': 'VARCHAR', 'record_domain': 'VARCHAR', 'stage': 'VARCHAR', 'entered_at': 'VARCHAR'}, 'address': found.address} %}
    {% do return(hubspot_stage_rows(source, entries, 'stage', 'entered_at')) %}
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

{# The changes of the stage that the records have within them. #}
{% macro hubspot_entries_within(source, records) %}
    {% set found = listed_rows(records, ['propertiesWithHistory.lifecyclestage', 'properties.lifecyclestage.versions', 'property_lifecyclestage.versions'], 'version') %}
    {% do return(hubspot_stage_rows(source, found, 'version.value', 'version.timestamp')) %}
{% endmacro %}

{# And those that stand in a table of their own. #}
{% macro hubspot_entries_of_history(source, history, kind, records) %}
    {% set found = joined_tables(history, [kind ~ '_id', kind ~ 'Id'], records, ['id', kind ~ '_id'], {
        'record_account_id': 'record_account_id', 'record_domain': 'record_domain', 'known_record': ['id', kind ~ '_id'],
    }) if history %}
    {% set is_of_living = (field(found, 'known_record') ~ ' is not null and ') if found and 'known_record' in found.columns else '' %}
    {% do return(hubspot_stage_rows(source, found, 'value', 'timestamp', is_of_living ~ field(found, ['name', 'property']) ~ " = 'lifecyclestage'") if found) %}
{% endmacro %}

{# Rows about records as stages that were entered. #}
{% macro hubspot_stage_rows(source, found, stage, entered_at, where='true') %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% do return(mapped_input(source, 'lead_stages', found, {
        'account_id': ['record_account_id'], 'domain': ['record_domain'], 'stage': [stage], 'entered_at': [entered_at],
    }, where ~ ' and ' ~ field(found, stage) ~ ' is not null and ' ~ field(found, entered_at) ~ ' is not null')) %}
{% endmacro %}
