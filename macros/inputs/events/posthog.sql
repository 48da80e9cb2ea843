{# posthog: PostHog's batch export of events. #}

{% macro event_source__posthog__spec() %}
    {% set events = 'https://posthog.com/docs/data/events' %}
    {% do return({
        'title': 'PostHog',
        'reads': 'the batch export of `events`',
        'tables': {'events': {'is': 'one row per event', 'required': true, 'known_by': ['uuid', 'event', 'distinct_id']}},
        'options': {'group_type': {'is': 'text', 'default': 'company'}, 'group_type_index': {'is': 'index'}},
        'identity_events': ['$identify', '$create_alias', '$merge_dangerously', '$groupidentify', '$set'],
        'alias_events': ['$create_alias', '$merge_dangerously'],
        'uncounted_events': ['$feature_flag_called', '$pageleave', '$web_vitals'],
        'notes': 'The account is the group of type `group_type`. Where events carry only the numbered groups (`$group_0`, …), `group_type_index` says which number that type has. `person_id` is not used: it knows what happened later. An id that `$create_alias` or `$merge_dangerously` merges into another and that has been a user\'s is an alias of it; `$identify` links devices only, since PostHog merges no users by it.',
        'facts': {
            'key': {'is': '`uuid`, `event`, `timestamp` and `distinct_id` agree', 'page': events},
            'clock': {
                'is': '`timestamp`, corrected by PostHog; received at `created_at` or `inserted_at`',
                'page': 'https://posthog.com/docs/cdp/batch-exports',
            },
            'identity': {
                'is': '`$user_id`, else the `distinct_id`, which is a device\'s where it equals `$device_id` or the event is not identified; the account is the group of type `group_type`',
                'page': 'https://posthog.com/docs/getting-started/identify-users',
            },
            'none': {
                'is': 'groups of other types; `$feature_flag_called`, `$pageleave` and `$web_vitals` are no use; `$identify`, `$groupidentify` and the like say who somebody is',
                'page': 'https://posthog.com/docs/product-analytics/group-analytics',
            },
        },
    }) %}
{% endmacro %}

{#
    A distinct_id is the device's until the user is identified and the user's from then on. It is the device's where it
    equals $device_id or the event says that it is not identified; a server sends users only.
#}
{% macro event_source__posthog(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{%- set numbered = ['properties.$group_' ~ source.group_type_index] if source.group_type_index is defined else [] -%}
{%- set fields = {
    'occurred_at': ['timestamp'],
    'event_name': ['event', 'event_name'],
    'account_id': ['properties.$groups.' ~ source.group_type, 'groups.' ~ source.group_type] + numbered,
    'received_at': ['created_at', 'inserted_at', '_inserted_at'],
    'properties': ['properties'],
} -%}
{%- if found -%}
{%- set distinct_id, device_id = field(found, 'distinct_id'), field(found, 'properties.$device_id') -%}
{%- set is_device = '(' ~ distinct_id ~ ' = ' ~ device_id ~ ' or ' ~ field(found, 'properties.$is_identified') ~ " = 'false')" -%}
{%- set merged_id = 'case when ' ~ field(found, fields.event_name) ~ " in ('$create_alias', '$merge_dangerously') then " ~ field(found, 'properties.alias') ~ ' end' -%}
{%- do fields.update({
    'user_id': ['properties.$user_id', {'sql': 'case when coalesce' ~ is_device[:-1] ~ ', false) then null else ' ~ distinct_id ~ ' end'}],
    'anonymous_id': [{'sql': merged_id}, 'properties.$anon_distinct_id', 'properties.$device_id', {'sql': 'case when ' ~ is_device ~ ' then ' ~ distinct_id ~ ' end'}],
}) -%}
{%- endif -%}
{%- set who = ['distinct_id'] + (['user_id', 'anonymous_id'] | select('in', source.columns) | list) -%}
{%- do fields.update({'event_id': [
    id_with(source, found, fields, ['uuid', 'id', 'event_id'], ['event_name', 'occurred_at'] + who)
]}) -%}
{{ event_rows(source, [{'found': found, 'fields': fields}]) }}
{%- endmacro %}
