{# salesforce: the status of leads, their conversion, and opportunities. #}

{% macro lead_stage_source__salesforce__spec() %}
    {% do return({
        'title': 'Salesforce',
        'reads': '`lead_history` (the changes of `status_field`) with `leads`, converted `leads` (the stage `lead_converted`), and `opportunities` (the stage `opportunity`, from when one was created); `accounts` for the account of the product',
        'tables': {
            'leads': {'is': 'one row per lead'},
            'lead_history': {'is': 'one row per change of a field of a lead'},
            'opportunities': {'is': 'one row per opportunity'},
            'accounts': {'is': 'one row per Salesforce account'},
        },
        'options': {
            'product_account_id': {'is': 'text', 'default': 'pql_account_id__c'},
            'status_field': {'is': 'text', 'default': 'Status'},
        },
        'without': ['columns'],
        'notes': 'A domain that no account has, or several, and one of free mail, says of nobody that the lead is theirs. A status counts from the moment it was set, the first from when the lead was created, so that `lead_history` is needed and the present status is not enough. `stages: {their word: ours, or none}` says which status is an `mql` or an `sql`, in whatever case.',
        'facts': {
            'key': {'is': 'account, stage and moment; the first of all counts', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_leadhistory.htm'},
            'clock': {'is': '`CreatedDate` of the change, the lead or the opportunity; `ConvertedDate`, which is a date, where the history has no moment of the conversion', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm'},
            'identity': {'is': '`product_account_id` of the lead or opportunity, else of the account that it belongs to or was converted into (of one merged into another, the other); else the host of that account\'s `Website`, of the lead\'s, or of its e-mail address', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm'},
            'none': {'is': 'deleted leads and opportunities', 'page': 'https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm'},
        },
    }) %}
{% endmacro %}

{% macro lead_stage_source__salesforce(source) %}
    {% set tables = source_tables(source, ['leads', 'opportunities']) %}
    {% set accounts = salesforce_accounts(tables, source.product_account_id) %}
    {% set leads = salesforce_leads(tables.leads, accounts, source.product_account_id) %}
    {% set parts = [] %}
    {% if leads and tables.lead_history %}
        {% set history = with_columns(tables.lead_history, {'changed_at': field(tables.lead_history, 'created_date', 'timestamp')}, {'changed_at': 'TIMESTAMP'}, not_deleted(tables.lead_history)) %}
        {% do parts.extend(salesforce_lead_statuses(source, leads, history)) %}
    {% endif %}
    {% do parts.append(salesforce_conversions(source, leads, history)) %}
    {% set opportunities = salesforce_opportunities(tables, source.product_account_id) %}
    {% if opportunities %}
        {% do parts.append(mapped_input(source, 'lead_stages', opportunities, {
            'account_id': [source.product_account_id, 'product_account_key'],
            'domain': ['account_domain'],
            'stage': {'sql': "'opportunity'"},
            'entered_at': ['created_date'],
        }, not_deleted(opportunities))) %}
    {% endif %}
    {% do return(in_our_stages(source, united_stages(parts))) %}
{% endmacro %}

{# Leads with whom they are about: `lead_account_id`, `lead_domain`; the domain of an address only where there is no other. #}
{% macro salesforce_leads(leads, accounts, product_account_id) %}
    {% if not leads %}{% do return(none) %}{% endif %}
    {% set found = joined_tables(leads, salesforce_key(leads, 'converted_account_id'), accounts, salesforce_key(accounts, 'id'),
        {'converted_account_key': 'product_account_key', 'converted_account_domain': 'account_domain'}) %}
    {% set hosts = [] %}
    {% for path in ['converted_account_domain', 'website', 'email'] %}{% do hosts.append(host_of(field(found, path))) %}{% endfor %}
    {% do return(with_columns(found, {
        'lead_account_id': field(found, [product_account_id, 'converted_account_key'], 'id'),
        'lead_domain': 'coalesce(' ~ hosts | join(', ') ~ ')',
    }, {}, not_deleted(found))) %}
{% endmacro %}

{# What a lead's status was changed to, and what it was when the lead was created: before its first change, or still. #}
{% macro salesforce_lead_statuses(source, leads, history) %}
    {% set changes = with_columns(history, {
        'change_number': 'row_number() over (partition by ' ~ salesforce_key(history, 'lead_id').sql ~ ' order by ' ~ quoted_name('changed_at') ~ ')',
    }, {}, 'lower(' ~ field(history, 'field') ~ ') = lower(' ~ text_literal(source.status_field) ~ ')') %}
    {% set first = with_columns(changes, {}, {}, quoted_name('change_number') ~ ' = 1') %}
    {% set at_first = joined_tables(leads, salesforce_key(leads, 'id'), first, salesforce_key(first, 'lead_id'), {'first_status': 'old_value'}) %}
    {% set later = joined_tables(changes, salesforce_key(changes, 'lead_id'), leads, salesforce_key(leads, 'id'),
        {'lead_account_id': 'lead_account_id', 'lead_domain': 'lead_domain', 'known_lead': 'id'}) %}
    {% set status = ['first_status', source.status_field] %}
    {% do return([
        mapped_input(source, 'lead_stages', at_first, {'account_id': ['lead_account_id'], 'domain': ['lead_domain'], 'stage': status, 'entered_at': ['created_date']},
            field(at_first, status) ~ ' is not null'),
        mapped_input(source, 'lead_stages', later, {'account_id': ['lead_account_id'], 'domain': ['lead_domain'], 'stage': ['new_value'], 'entered_at': ['changed_at']},
            field(later, 'new_value') ~ ' is not null and ' ~ field(later, 'known_lead') ~ ' is not null'),
    ]) %}
{% endmacro %}

{# When a lead was converted: to the moment where its history says so, else the day. #}
{% macro salesforce_conversions(source, leads, history) %}
    {% if not leads or not field_is_there(leads, 'converted_date') %}{% do return(none) %}{% endif %}
    {% set converted = with_columns(history, {'moment': 'cast(' ~ quoted_name('changed_at') ~ ' as ' ~ dbt.type_string() ~ ')'}, {},
        'lower(' ~ field(history, 'field') ~ ") = 'leadconverted'") if history %}
    {% set found = joined_tables(leads, salesforce_key(leads, 'id'), converted, salesforce_key(converted, 'lead_id'), {'converted_moment': 'moment'}) %}
    {% do return(mapped_input(source, 'lead_stages', found, {
        'account_id': ['lead_account_id'],
        'domain': ['lead_domain'],
        'stage': {'sql': "'lead_converted'"},
        'entered_at': {'sql': 'coalesce(' ~ field(found, 'converted_moment') ~ ', ' ~ day_text(field(found, 'converted_date')) ~ ')'},
    }, is_set(found, 'is_converted', 'true') ~ ' and ' ~ field(found, 'converted_date') ~ ' is not null')) %}
{% endmacro %}
