{# mixpanel: Mixpanel's raw event export, nested or with its properties as columns. #}

{% macro event_source__mixpanel__spec() %}
    {% do return({
        'title': 'Mixpanel',
        'reads': 'the raw export of `events`, nested or flattened',
        'tables': {'events': {'is': 'one row per event', 'required': true, 'known_by': ['event', 'properties|distinct_id|mp_distinct_id']}},
        'options': {'group_key': {'is': 'text', 'default': 'company_id'}, 'project_time_zone': {'is': 'time_zone', 'default': 'UTC'}},
        'identity_events': ['$identify', '$create_alias', '$merge'],
        'alias_events': ['$create_alias', '$merge'],
        'notes': 'The account is the group key `group_key`. `$create_alias` makes the `distinct_id` the `alias`, `$merge` the first of its two ids the second, where the former has been a user\'s; `$identify` links devices only. Raw exports of older projects count their seconds in the time zone of the project: `project_time_zone`.',
        'facts': {
            'key': {
                'is': '`event`, `time`, `distinct_id` and `$insert_id` agree; a row without an insert id goes by all that it holds',
                'page': 'https://docs.mixpanel.com/reference/event-deduplication',
            },
            'clock': {
                'is': '`time`, in `project_time_zone`; received at `mp_processing_time_ms`',
                'page': 'https://docs.mixpanel.com/reference/raw-event-export',
            },
            'identity': {
                'is': '`$user_id`, else the `distinct_id`, which is a device\'s where it begins with `$device:` or equals `$device_id`; the account is the group key `group_key`, the first of several',
                'page': 'https://docs.mixpanel.com/docs/tracking-methods/id-management',
            },
            'none': {
                'is': 'groups of other keys and empty lists of groups; `$identify`, `$create_alias` and `$merge` say who somebody is',
                'page': 'https://docs.mixpanel.com/docs/data-structure/group-analytics',
            },
        },
    }) %}
{% endmacro %}

{# A distinct_id is the device's where it starts with $device: or equals $device_id, and the user's otherwise. #}
{% macro event_source__mixpanel(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{%- set fields = {
    'event_id': ['properties.$insert_id', '$insert_id', 'mp_insert_id', 'insert_id'],
    'occurred_at': ['properties.time', 'time'],
    'event_name': ['event', 'mp_event_name', 'event_name'],
    'account_id': group_at(found, 'properties.' ~ source.group_key) + group_at(found, source.group_key),
    'received_at': ['properties.mp_processing_time_ms', 'mp_processing_time_ms'],
    'properties': 'rest',
} -%}
{%- if found -%}
{%- set distinct_id = field(found, ['properties.distinct_id', 'distinct_id', 'mp_distinct_id']) -%}
{%- set device_id = field(found, ['properties.$device_id', '$device_id', 'mp_device_id']) -%}
{%- set is_device = distinct_id ~ " like '$device:%' or " ~ distinct_id ~ ' = ' ~ device_id -%}
{%- set is_alias = field(found, fields.event_name) ~ " = '$create_alias'" -%}
{%- do fields.update({
    'user_id': [{'sql': 'case when ' ~ is_alias ~ ' then ' ~ field(found, ['properties.alias', 'alias']) ~ ' end'},
        'properties.$distinct_ids.1', '$distinct_ids.1', 'properties.$identified_id', 'properties.$user_id', '$user_id', 'mp_user_id',
        {'sql': 'case when coalesce(' ~ is_device ~ ', false) then null else ' ~ distinct_id ~ ' end'}],
    'anonymous_id': [{'sql': 'case when ' ~ is_alias ~ ' then ' ~ without_device_prefix(distinct_id) ~ ' end'},
        'properties.$distinct_ids.0', '$distinct_ids.0', 'properties.$anon_id', 'properties.$device_id', '$device_id', 'mp_device_id',
        {'sql': 'case when ' ~ distinct_id ~ " like '$device:%' then " ~ without_device_prefix(distinct_id) ~ ' end'}],
}) -%}
{%- do mixpanel_clock(source, found, fields) -%}
{%- set who = [{'sql': distinct_id}] + (['user_id', 'anonymous_id'] | select('in', source.columns) | list) -%}
{%- do fields.update({'event_id': [
    id_with(source, found, fields, fields.event_id, ['event_name', 'occurred_at'] + who),
    made_id(source, found, fields, event_columns() + who),
]}) -%}
{%- endif -%}
{{ event_rows(source, [{'found': found, 'fields': fields}]) }}
{%- endmacro %}

{% macro without_device_prefix(id) -%}
case when {{ id }} like '$device:%' then substr({{ id }}, 9) else {{ id }} end
{%- endmacro %}

{# The clock of older projects shows the wall clock of the project as if it were UTC. #}
{% macro mixpanel_clock(source, found, fields) %}
    {% if source.project_time_zone != 'UTC' %}
        {% do fields.update({
            'occurred_at_text': fields.occurred_at,
            'occurred_at': {'sql': utc_timestamp(field(found, fields.occurred_at, 'timestamp'), text_literal(source.project_time_zone))},
        }) %}
    {% endif %}
{% endmacro %}
