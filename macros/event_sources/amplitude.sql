{# amplitude: Amplitude's raw event export. #}

{% macro event_source__amplitude__spec() %}
    {% do return({
        'title': 'Amplitude',
        'reads': 'the raw export of `events`',
        'tables': {'events': {'is': 'one row per event', 'required': true, 'known_by': ['event_type', 'amplitude_id', 'event_time']}},
        'options': {'group_type': {'is': 'text', 'default': 'company'}},
        'identity_events': ['$identify', '$groupidentify'],
        'uncounted_events': ['session_start', 'session_end'],
        'notes': 'The id is `$insert_id`, else `uuid`: `event_id` is a counter of the device. The account is the group of type `group_type`.',
    }) %}
{% endmacro %}

{# event_time is the client's clock corrected by how wrong it was at upload; a group's value may be a list. #}
{% macro event_source__amplitude(source) -%}
{{ event_rows(source, [{'found': source_table(source, 'events', required=true), 'fields': {
    'event_id': ['$insert_id', 'insert_id', '_insert_id', 'uuid'],
    'occurred_at': ['event_time', 'client_event_time'],
    'event_name': ['event_type'],
    'user_id': ['user_id'],
    'account_id': [
        'groups.' ~ source.group_type ~ '.0', 'groups.' ~ source.group_type,
        'user_properties.' ~ source.group_type ~ '_id', 'event_properties.account_id', 'user_properties.account_id',
    ],
    'anonymous_id': ['device_id'],
    'received_at': ['server_received_time', 'server_upload_time'],
    'properties': ['event_properties'],
}}]) }}
{%- endmacro %}
