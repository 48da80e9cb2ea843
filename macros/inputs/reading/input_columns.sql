{#
    The columns of every input: the one place that knows them. `required` columns must exist in the source; a row
    without one of its `key` columns says nothing and is rejected; another column may stand in for one (`or_by`). A column of
    type `id` reads placeholders as missing.
#}
{% macro input_columns(input) %}
    {% do return(all_inputs()[input]) %}
{% endmacro %}

{% macro all_inputs() %}
    {% set text, moment = 'text', 'timestamp' %}
    {% set key = {'type': text, 'required': true, 'key': true} %}
    {% set id_key = {'type': 'id', 'required': true, 'key': true} %}
    {% set moment_key = {'type': moment, 'required': true, 'key': true} %}
    {% set number_key = {'type': 'number', 'required': true, 'key': true} %}
    {% do return({
        'events': {
            'event_id': {'type': 'id', 'required': true},
            'occurred_at': {'type': moment, 'required': true},
            'event_name': {'type': text, 'required': true},
            'user_id': {'type': 'id'},
            'account_id': {'type': 'id'},
            'anonymous_id': {'type': 'id'},
            'received_at': {'type': moment},
            'properties': {'type': text},
            'event_count': {'type': text},
        },
        'accounts': {
            'account_id': id_key,
            'signed_up_at': {'type': moment},
            'account_name': {'type': text},
            'domain': {'type': text},
            'plan': {'type': text},
            'trial_ends_at': {'type': moment},
            'closed_at': {'type': moment},
            'time_zone': {'type': text},
        },
        'users': {
            'user_id': id_key,
            'account_id': {'type': 'id', 'required': true},
            'email': {'type': text},
        },
        'memberships': {
            'user_id': id_key,
            'account_id': id_key,
            'joined_at': moment_key,
            'left_at': {'type': moment},
        },
        'user_aliases': {
            'old_user_id': id_key,
            'user_id': id_key,
            'aliased_at': moment_key,
        },
        'account_merges': {
            'account_id': id_key,
            'into_account_id': id_key,
            'merged_at': moment_key,
        },
        'forgotten': {
            'kind': {'type': text, 'required': true},
            'id_hash': {'type': text, 'required': true},
            'forgotten_at': {'type': moment},
        },
        'account_changes': {
            'account_id': id_key,
            'attribute': key,
            'value': {'type': text, 'required': true},
            'changed_at': moment_key,
        },
        'conversions': {
            'account_id': id_key,
            'converted_at': moment_key,
            'conversion_id': {'type': text},
            'plan': {'type': text},
            'amount': {'type': 'number'},
        },
        'subscription_ends': {
            'account_id': id_key,
            'ended_at': moment_key,
            'subscription_id': {'type': text},
        },
        'lead_stages': {
            'account_id': {'type': 'id', 'required': true, 'key': true, 'or_by': 'domain'},
            'stage': key,
            'entered_at': moment_key,
            'domain': {'type': text},
        },
        'crm_records': {
            'crm_system': key,
            'crm_record_id': key,
            'pql_account_id': {'type': 'id'},
            'domain': {'type': text},
            'other_domains': {'type': text},
            'pql_row_hash': {'type': text},
            'is_deleted': {'type': text},
            'merged_into': {'type': text},
        },
        'crm_pql_feedback': {
            'feedback_id': key,
            'pql_account_id': id_key,
            'disposition': {'type': text, 'required': true},
            'dispositioned_at': moment_key,
            'pql_event_id': {'type': text},
            'reason_code': {'type': text},
            'first_touch_at': {'type': moment},
            'opportunity_id': {'type': text},
            'opportunity_amount': {'type': 'number'},
        },
        'crm_routing': {
            'priority': number_key,
            'tier': {'type': text},
            'criterion': {'type': text},
            'queue': key,
            'suggested_owner': {'type': text},
        },
        'plan_limits': {
            'plan': key,
            'limit_name': key,
            'limit_value': number_key,
        },
    }) %}
{% endmacro %}
