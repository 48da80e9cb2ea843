{# The columns of every input: the one place that knows them. `required` columns must exist in the source. #}
{% macro input_columns(input) %}
    {% set text, moment = 'text', 'timestamp' %}
    {% set inputs = {
        'events': {
            'event_id': {'type': text, 'required': true},
            'occurred_at': {'type': moment, 'required': true},
            'event_name': {'type': text, 'required': true},
            'user_id': {'type': text},
            'account_id': {'type': text},
            'anonymous_id': {'type': text},
            'received_at': {'type': moment},
            'properties': {'type': text},
        },
        'accounts': {
            'account_id': {'type': text, 'required': true},
            'signed_up_at': {'type': moment},
            'account_name': {'type': text},
            'domain': {'type': text},
            'plan': {'type': text},
            'trial_ends_at': {'type': moment},
            'closed_at': {'type': moment},
            'time_zone': {'type': text},
        },
        'users': {
            'user_id': {'type': text, 'required': true},
            'account_id': {'type': text, 'required': true},
        },
        'memberships': {
            'user_id': {'type': text, 'required': true},
            'account_id': {'type': text, 'required': true},
            'joined_at': {'type': moment, 'required': true},
            'left_at': {'type': moment},
        },
        'forgotten': {
            'kind': {'type': text, 'required': true},
            'id_hash': {'type': text, 'required': true},
            'forgotten_at': {'type': moment},
        },
        'account_changes': {
            'account_id': {'type': text, 'required': true},
            'attribute': {'type': text, 'required': true},
            'value': {'type': text, 'required': true},
            'changed_at': {'type': moment, 'required': true},
        },
        'conversions': {
            'account_id': {'type': text, 'required': true},
            'converted_at': {'type': moment, 'required': true},
            'plan': {'type': text},
            'amount': {'type': 'number'},
        },
        'crm_records': {
            'crm_system': {'type': text, 'required': true},
            'crm_record_id': {'type': text, 'required': true},
            'pql_account_id': {'type': text},
            'domain': {'type': text},
        },
        'crm_pql_feedback': {
            'feedback_id': {'type': text, 'required': true},
            'pql_account_id': {'type': text, 'required': true},
            'disposition': {'type': text, 'required': true},
            'dispositioned_at': {'type': moment, 'required': true},
            'pql_event_id': {'type': text},
            'reason_code': {'type': text},
            'first_touch_at': {'type': moment},
            'opportunity_id': {'type': text},
            'opportunity_amount': {'type': 'number'},
        },
        'crm_routing': {
            'priority': {'type': 'number', 'required': true},
            'tier': {'type': text},
            'criterion': {'type': text},
            'queue': {'type': text, 'required': true},
            'suggested_owner': {'type': text},
        },
        'plan_limits': {
            'plan': {'type': text, 'required': true},
            'limit_name': {'type': text, 'required': true},
            'limit_value': {'type': 'number', 'required': true},
        },
    } %}
    {% do return(inputs[input]) %}
{% endmacro %}
