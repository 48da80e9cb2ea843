{#
    The fields that a CRM gets: the one declaration of them. The columns of crm_pql_accounts, of the HubSpot and
    Salesforce tables, what scripts/crm_fields.py writes and the tests' stand-in for a CRM all follow from it.
    `kind` is one of crm_kinds(), whose length and range hold unless a field has its own; `options` of a picklist are a
    list, or what the configuration knows: criteria, tiers. What `stays` is as it last was of an account that is gone,
    deleted or merged into another. Attributes that `pql_mart_attributes` chooses are fields as well. Everything here is ours: no field that sales owns is ever written.
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

{# What each kind is to the warehouse, to HubSpot and to Salesforce; what lies beyond a range no CRM takes. #}
{% macro crm_kinds() %}
    {% do return({
        'key': {'type': 'text', 'hubspot': ['string', 'text'], 'salesforce': {'type': 'Text', 'length': 255}},
        'text': {'type': 'text', 'length': 255, 'hubspot': ['string', 'text'], 'salesforce': {'type': 'Text', 'length': 255}},
        'link': {'type': 'text', 'length': 255, 'hubspot': ['string', 'text'], 'salesforce': {'type': 'Url'}},
        'long_text': {'type': 'text', 'length': 1000, 'hubspot': ['string', 'textarea'],
            'salesforce': {'type': 'LongTextArea', 'length': 1024, 'visibleLines': 4}},
        'flag': {'type': 'flag', 'hubspot': ['bool', 'booleancheckbox'], 'salesforce': {'type': 'Checkbox'}},
        'choice': {'type': 'text', 'hubspot': ['enumeration', 'select'], 'salesforce': {'type': 'Picklist'}},
        'choices': {'type': 'text', 'hubspot': ['enumeration', 'checkbox'],
            'salesforce': {'type': 'MultiselectPicklist', 'visibleLines': 6}},
        'number': {'type': 'integer', 'least': -999999999, 'most': 999999999, 'hubspot': ['number', 'number'], 'salesforce': {'type': 'Number', 'precision': 9, 'scale': 0}},
        'figure': {'type': 'bigint', 'least': -999999999999999, 'most': 999999999999999, 'hubspot': ['number', 'number'], 'salesforce': {'type': 'Number', 'precision': 15, 'scale': 0}},
        'date': {'type': 'date', 'least': '1700-01-01', 'most': '4000-12-31', 'hubspot': ['date', 'date'], 'salesforce': {'type': 'Date'}},
        'moment': {'type': 'moment', 'least': '1700-01-01', 'most': '4000-12-31', 'hubspot': ['datetime', 'date'], 'salesforce': {'type': 'DateTime'}},
    }) %}
{% endmacro %}

{# The fields with their names in each system and their options filled in. #}
{% macro crm_fields() %}
    {% set config, known = pql_config(), memo('crm_fields') %}
    {% set options = tojson({
        'criteria': (config.criteria | map(attribute='name') | sort | list + ['none', 'retired']) | unique | list,
        'attributes': mart_attributes(),
        'tiers': (config.definitions[0].tiers | map(attribute='name') | list + ['none', 'retired']) | unique | list,
    }) %}
    {% if options not in known %}{% do known.update({options: crm_fields_with(fromjson(options))}) %}{% endif %}
    {% do return(known[options]) %}
{% endmacro %}

{% macro crm_fields_with(options) %}
    {% set fields, kinds = [], crm_kinds() %}
    {% for declared in fromyaml(crm_fields_yaml()) + crm_attribute_fields(options.attributes) %}
        {% set name = declared.name if declared.name[:4] == 'pql_' else 'pql_' ~ declared.name %}
        {% set field = dict(kinds[declared.kind], **declared) %}
        {% do field.update({'hubspot_name': name, 'salesforce_name': name ~ '__c'}) %}
        {% if declared.options is string %}{% do field.update({'options': options[declared.options]}) %}{% endif %}
        {% do fields.append(field) %}
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
    {% do print(tojson({'fields': crm_fields(), 'object': {'hubspot': 'companies', 'salesforce': 'Account'}})) %}
{% endmacro %}
