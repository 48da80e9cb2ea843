{#
    The fields that a CRM gets: the one declaration of them. The columns of crm_pql_accounts, of the tables of every
    CRM, what scripts/crm_fields.py writes and the tests' stand-in for a CRM all follow from it.
    `kind` is one of crm_kinds(), whose length and range hold unless a field has its own; `options` of a picklist are a
    list, or what the configuration knows: criteria, tiers. What `stays` is as it last was of an account that is gone,
    deleted or merged into another. Attributes that `pql_mart_attributes` chooses are fields as well. Everything here is ours: no field that sales owns is ever written.

    A value is made in int_crm_accounts (usage in int_crm_usage), cleaned in crm_card(), kept in crm_pql_accounts, and goes
    out by the tables of a CRM, their _wire and _delta, and scripts/sync_crm.py.
#}
{% macro crm_fields_yaml() %}
- {name: pql_account_id, kind: key, label: PQL account id, help: The id of the account in the product.}
- {name: is_pql, kind: flag, label: Is PQL, help: Whether the account is a product-qualified lead now.}
- {name: pql_status, kind: choice, label: PQL status, options: [active, held_out, lapsed, excluded, closed, converted, merged, deleted, never], help: Where the account stands.}
- {name: pql_tier, kind: choice, label: PQL tier, options: tiers, help: The tier when it last qualified.}
- {name: pql_score, kind: number, label: PQL score, help: The score when it last qualified; 0 without a score.}
- {name: pql_event_id, kind: text, label: PQL event id, help: Changes whenever sales should be told. Start automations on this.}
- {name: pql_event_seq, kind: number, least: 0, label: PQL event number, help: The number of that event in the account's log; 0 before the first.}
- {name: reason_code, kind: choice, label: PQL reason code, options: criteria, help: The criterion that leads the reason.}
- {name: criteria_met, kind: choices, label: PQL criteria met, options: criteria, help: The criteria met when it last qualified.}
- {name: reason, kind: text, label: PQL reason, help: Why it qualified in words.}
- {name: talking_point, kind: text, label: PQL talking point, help: What to open with.}
- {name: key_features, kind: text, stays: true, label: PQL key features, help: What was used most in the 28 days before it qualified.}
- {name: summary, kind: long_text, stays: true, label: PQL summary, help: The card in one paragraph.}
- {name: active_users, kind: number, least: 0, stays: true, label: PQL active users, help: People active in the 7 days before it qualified.}
- {name: usage_as_of, kind: date, stays: true, label: PQL usage as of, help: The day that usage figures are of.}
- {name: champion_user_id, kind: text, stays: true, label: PQL champion user id, help: The most active user of the 28 days before it qualified. An e-mail address is left out.}
- {name: last_active_on, kind: date, stays: true, label: PQL last active on, help: The last active day up to the day it qualified.}
- {name: plan_name, kind: text, stays: true, label: PQL plan, help: The plan it is on.}
- {name: plan_limit_pct, kind: number, least: 0, label: PQL plan limit used (%), help: The fullest limit of its plan when it qualified.}
- {name: trial_ends_on, kind: date, stays: true, label: PQL trial ends on, help: The day the trial ends.}
- {name: app_url, kind: link, label: PQL link, help: The account in the product.}
- {name: queue, kind: text, label: PQL queue, help: The queue that the routing rules chose.}
- {name: suggested_owner, kind: text, label: PQL suggested owner, help: The owner that the routing rules suggest.}
- {name: first_qualified_at, kind: moment, label: PQL first qualified at, help: When it first qualified.}
- {name: qualified_at, kind: moment, label: PQL qualified at, help: When it last qualified.}
- {name: last_ended_at, kind: moment, label: PQL last ended at, help: When it last ceased to be a PQL.}
- {name: contact_by, kind: moment, label: PQL contact by, help: When sales should have made contact.}
- {name: suppressed_until, kind: date, label: PQL suppressed until, help: No new notification before this day.}
- {name: row_hash, kind: text, label: PQL row hash, help: A fingerprint of what was sent.}
- {name: row_changed_at, kind: moment, label: PQL updated at, help: When any of these fields last changed.}
{% endmacro %}

{# The fields of a person to talk to, about the account that this person is at; roles follow before the last two. #}
{% macro crm_contact_fields_yaml() %}
- {name: pql_contact_id, kind: id, label: PQL contact id, help: 'The person at this account, in one id.'}
- {name: user_id, kind: key, label: PQL user id, help: The id of the person in the product.}
- {name: pql_account_id, kind: id, label: PQL account id, help: The id of the account in the product.}
- {name: account_name, kind: text, label: PQL account name, help: The name of the account.}
- {name: contact_status, kind: choice, label: PQL contact status, options: [contact, held_out, not_a_lead, replaced, left], help: 'Whether to talk to this person now, or why not: held_out and not_a_lead are about the account, replaced means that others use it more, left that the person is no longer of the account.'}
- {name: contact_rank, kind: number, least: 0, most: 3, label: PQL contact rank, help: 1 for the person who did most of what the criteria of the lead ask for.}
- {name: reason, kind: text, label: PQL reason, help: Why the account qualified in words.}
- {name: does_most, kind: text, label: PQL does most, help: What the criteria of the lead ask for that this person did most in the 28 days before the account qualified.}
- {name: criteria_used, kind: choices, options: criteria, label: PQL criteria used, help: The criteria met that this person used the product for.}
- {name: uses, kind: number, least: 0, label: PQL uses, help: 'How often this person did what the criteria met ask for in those 28 days. Criteria that every event counts for say nothing beside one that names some.'}
- {name: last_used_on, kind: date, label: PQL last used on, help: The last day this person used the account up to the day it qualified.}
- {name: qualified_at, kind: moment, label: PQL qualified at, help: When the account last qualified.}
- {name: pql_event_id, kind: text, label: PQL event id, help: Changes whenever sales should be told about the account. Start automations on this.}
- {name: app_url, kind: link, label: PQL link, help: The account in the product.}
- {name: email, kind: email, label: PQL e-mail address, help: The e-mail address of this person; empty unless it is switched on.}
{% endmacro %}

{# The fields of a person of an account that is near a criterion; roles follow before the last two. #}
{% macro crm_nudge_fields_yaml() %}
- {name: nudge_id, kind: key, label: PQL nudge id, help: 'The person at this account, in one id.'}
- {name: user_id, kind: id, label: PQL user id, help: The id of the person in the product.}
- {name: pql_account_id, kind: id, label: PQL account id, help: The id of the account in the product.}
- {name: account_name, kind: text, label: PQL account name, help: The name of the account.}
- {name: nudge_status, kind: choice, options: [near, reached, over], label: PQL nudge status, help: 'near: the account is near the criterion and this person uses it; reached: the criterion is met or the account is a lead; over: neither.'}
- {name: criterion_name, kind: choice, options: criteria, label: PQL criterion, help: The criterion that the account is nearest to.}
- {name: next_step, kind: text, label: PQL next step, help: Where the account stands and what it needs in words.}
- {name: not_done, kind: text, label: PQL not done, help: Of several events that the criterion names those that the account has not done yet.}
- {name: makes_lead, kind: flag, label: PQL makes lead, help: Whether this step alone makes the account a lead.}
- {name: progress_pct, kind: number, least: 0, most: 100, label: PQL progress (%), help: How much of the criterion is there.}
- {name: has, kind: measure, label: PQL has, help: What the criterion measures now.}
- {name: needs, kind: measure, label: PQL needs, help: What it has to reach.}
- {name: missing, kind: measure, label: PQL missing, help: What is missing.}
- {name: email, kind: email, label: PQL e-mail address, help: The e-mail address of this person; empty unless it is switched on.}
{% endmacro %}

{# What every row ends with. #}
{% macro crm_version_fields() %}
    {% do return([
        {'name': 'row_hash', 'kind': 'text', 'label': 'PQL row hash', 'help': 'A fingerprint of what was sent.'},
        {'name': 'row_changed_at', 'kind': 'moment', 'label': 'PQL updated at', 'help': 'When any of these fields last changed.'},
    ]) %}
{% endmacro %}

{# What each kind is to the warehouse; what lies beyond a range no CRM takes. What it is to a CRM its file in macros/sales/crm_systems says. #}
{% macro crm_kinds() %}
    {% do return({
        'key': {'type': 'text'},
        'id': {'type': 'text'},
        'text': {'type': 'text', 'length': 255},
        'link': {'type': 'text', 'length': 255},
        'long_text': {'type': 'text', 'length': 1000},
        'email': {'type': 'text'},
        'flag': {'type': 'flag'},
        'choice': {'type': 'text'},
        'choices': {'type': 'text'},
        'number': {'type': 'integer', 'least': -999999999, 'most': 999999999},
        'figure': {'type': 'bigint', 'least': -999999999999999, 'most': 999999999999999},
        'measure': {'type': 'measure', 'least': -999999999999999, 'most': 999999999999999},
        'date': {'type': 'date', 'least': '1700-01-01', 'most': '4000-12-31'},
        'moment': {'type': 'moment', 'least': '1700-01-01', 'most': '4000-12-31'},
    }) %}
{% endmacro %}

{# The CRMs there are, {name: what its file says of it}, by name; found by the names of their macros. #}
{% macro crm_systems() %}
    {% set systems = {} %}
    {% for name in macro_names() | sort if name[:12] == 'crm_system__' %}{% do systems.update({name[12:]: context[name]()}) %}{% endfor %}
    {% do return(systems) %}
{% endmacro %}

{# The fields of `accounts`, `contacts` or `nudges`, with their names in each system and their options filled in. #}
{% macro crm_fields(rows='accounts') %}
    {% set config, known = pql_config(), memo('crm_fields') %}
    {% set options = tojson({
        'rows': rows,
        'criteria': (config.criteria | map(attribute='name') | sort | list + ['none', 'retired']) | unique | list,
        'attributes': mart_attributes(),
        'contact_attributes': contact_attributes(),
        'tiers': (config.definitions[0].tiers | map(attribute='name') | list + ['none', 'retired']) | unique | list,
    }) %}
    {% if options not in known %}{% do known.update({options: crm_fields_with(fromjson(options))}) %}{% endif %}
    {% do return(known[options]) %}
{% endmacro %}

{% macro crm_fields_with(options) %}
    {% set fields, kinds, systems = [], crm_kinds(), crm_systems() %}
    {% for declared in crm_declared_fields(options) %}
        {% set field = dict(kinds[declared.kind], **declared) %}
        {% set name = declared.name if declared.name[:4] == 'pql_' else 'pql_' ~ declared.name %}
        {% for system, spec in systems.items() if options.rows in spec.tables %}
            {% do field.update({system: spec.kinds[field.kind], system ~ '_name': name ~ spec.suffix}) %}
        {% endfor %}
        {% if declared.options is string %}{% do field.update({'options': options[declared.options]}) %}{% endif %}
        {% do fields.append(field) %}
    {% endfor %}
    {% do return(fields) %}
{% endmacro %}

{% macro crm_declared_fields(options) %}
    {% set roles = crm_role_fields(options.contact_attributes) + crm_version_fields() %}
    {% if options.rows == 'contacts' %}{% do return(fromyaml(crm_contact_fields_yaml()) + roles) %}{% endif %}
    {% if options.rows == 'nudges' %}{% do return(fromyaml(crm_nudge_fields_yaml()) + roles) %}{% endif %}
    {% do return(fromyaml(crm_fields_yaml()) + crm_attribute_fields(options.attributes)) %}
{% endmacro %}

{# What the input `users` says of a person: the role, unless other attributes are chosen. #}
{% macro crm_role_fields(attributes) %}
    {% set fields = [] %}
    {% for attribute in attributes %}
        {% do fields.append({
            'name': attribute.column,
            'kind': 'text',
            'label': ('PQL ' ~ attribute.name)[:40],
            'help': 'The attribute ' ~ attribute.name ~ ' of this person in the input users.',
        }) %}
    {% endfor %}
    {% do return(fields) %}
{% endmacro %}

{# The fields of the chosen attributes, under their names in the mart: what the account is now. #}
{% macro crm_attribute_fields(attributes) %}
    {% set fields, kinds = [], {'text': 'text', 'number': 'figure', 'date': 'date'} %}
    {% for attribute in attributes %}
        {% do fields.append({
            'name': 'current_' ~ attribute.column,
            'kind': kinds[attribute.type],
            'stays': true,
            'label': ('PQL ' ~ attribute.name)[:40],
            'help': 'The attribute ' ~ attribute.name ~ ' of the account.',
        }) %}
    {% endfor %}
    {% do return(fields) %}
{% endmacro %}

{# The declaration as JSON, for scripts: `dbt run-operation print_crm_fields`. #}
{% macro print_crm_fields() %}
    {% do print(tojson({
        'fields': crm_fields(),
        'contacts': crm_fields('contacts'),
        'nudges': crm_fields('nudges'),
        'systems': crm_systems(),
    })) %}
{% endmacro %}
