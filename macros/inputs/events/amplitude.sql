{# amplitude: Amplitude's raw event export. #}

{% macro event_source__amplitude__spec() %}
    {% do return({
        'title': 'Amplitude',
        'reads': 'the raw export of `events`',
        'tables': {'events': {'is': 'one row per event', 'required': true, 'known_by': ['event_type', 'amplitude_id', 'event_time']}},
        'options': {'group_type': {'is': 'text', 'default': 'company'}},
        'identity_events': ['$identify', '$groupidentify'],
        'uncounted_events': ['session_start', 'session_end'],
        'notes': 'The account is the group of type `group_type`, else `user_properties.` and its name with `_id` (`company_id`), else `account_id` in the properties of the event or the user; others in `columns`.',
        'facts': {
            'key': {
                'is': '`$insert_id` and `device_id` agree; a row without an insert id goes by its `uuid` (`event_id` is a counter of the device)',
                'page': 'https://amplitude.com/docs/apis/analytics/http-v2',
            },
            'clock': {
                'is': '`event_time`: the client\'s, corrected by how wrong it was at upload; received at `server_received_time`',
                'page': 'https://amplitude.com/docs/apis/analytics/export',
            },
            'identity': {
                'is': '`user_id`, else `device_id`; the account is the group of type `group_type`, the first of several',
                'page': 'https://amplitude.com/docs/data/sources/instrument-track-unique-users',
            },
            'none': {
                'is': 'groups of other types and empty lists of groups; sessions\' starts and ends are no use, `$identify` and `$groupidentify` say who somebody is',
                'page': 'https://amplitude.com/docs/apis/analytics/export',
            },
        },
    }) %}
{% endmacro %}

{% macro event_source__amplitude(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{%- set fields = {
    'occurred_at': ['event_time', 'client_event_time'],
    'event_name': ['event_type'],
    'user_id': ['user_id'],
    'account_id': group_at(found, 'groups.' ~ source.group_type) + [
        'user_properties.' ~ source.group_type ~ '_id', 'event_properties.account_id', 'user_properties.account_id',
    ],
    'anonymous_id': ['device_id'],
    'received_at': ['server_received_time', 'server_upload_time'],
    'properties': ['event_properties'],
} -%}
{%- do fields.update({'event_id': [
    id_with(source, found, fields, ['$insert_id', 'insert_id', '_insert_id'], ['anonymous_id']),
    'uuid',
    made_id(source, found, fields),
]}) -%}
{{ event_rows(source, [{'found': found, 'fields': fields}]) }}
{%- endmacro %}
