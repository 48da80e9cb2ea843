{# posthog: PostHog's batch export of events. #}

{% macro event_source__posthog__spec() %}
    {% do return({
        'title': 'PostHog',
        'reads': 'the batch export of `events`',
        'tables': {'events': {'is': 'one row per event', 'required': true, 'known_by': ['uuid', 'event', 'distinct_id']}},
        'options': {'group_type': {'is': 'text', 'default': 'company'}},
        'identity_events': ['$identify', '$create_alias', '$merge_dangerously', '$groupidentify', '$set'],
        'uncounted_events': ['$feature_flag_called', '$pageleave', '$web_vitals'],
        'notes': 'The account is the group of type `group_type`. `person_id` is not used: it knows what happened later.',
    }) %}
{% endmacro %}

{#
    A distinct_id is the device's until the user is identified and the user's from then on. It is the device's where it
    equals $device_id or the event says that it is not identified; a server sends users only.
#}
{% macro event_source__posthog(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{%- set fields = {
    'event_id': ['uuid', 'id', 'event_id'],
    'occurred_at': ['timestamp'],
    'event_name': ['event', 'event_name'],
    'account_id': ['properties.$groups.' ~ source.group_type, 'properties.$group_0', 'groups.' ~ source.group_type],
    'received_at': ['created_at', 'inserted_at', '_inserted_at'],
    'properties': ['properties'],
} -%}
{%- if found -%}
{%- set distinct_id, device_id = field(found, 'distinct_id'), field(found, 'properties.$device_id') -%}
{%- set is_device = '(' ~ distinct_id ~ ' = ' ~ device_id ~ ' or ' ~ field(found, 'properties.$is_identified') ~ " = 'false')" -%}
{%- do fields.update({
    'user_id': ['properties.$user_id', {'sql': 'case when coalesce' ~ is_device[:-1] ~ ', 1 = 0) then null else ' ~ distinct_id ~ ' end'}],
    'anonymous_id': ['properties.$anon_distinct_id', 'properties.$device_id', {'sql': 'case when ' ~ is_device ~ ' then ' ~ distinct_id ~ ' end'}],
}) -%}
{%- endif -%}
{{ event_rows(source, [{'found': found, 'fields': fields}]) }}
{%- endmacro %}
