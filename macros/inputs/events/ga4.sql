{# ga4: the BigQuery export of Google Analytics 4. #}

{% macro event_source__ga4__spec() %}
    {% set schema = 'https://support.google.com/analytics/answer/7029846' %}
    {% do return({
        'title': 'Google Analytics 4',
        'reads': 'the BigQuery export: a view of it, or files of it in a folder `events/`',
        'tables': {'events': {
            'is': 'one row per event', 'required': true, 'known_by': ['event_timestamp', 'event_params', 'user_pseudo_id'],
        }},
        'uncounted_events': ['user_engagement', 'session_start', 'first_visit'],
        'notes': '`event_params.key` and `user_properties.key` name a parameter in `columns`. On BigQuery, where a table is a day, give it a view of `events_*`.',
        'facts': {
            'key': {
                'is': 'stream, device, name, time and the fields of the batch agree (`batch_page_id`, `batch_ordering_id`, `batch_event_index`); without those or without a device also `event_bundle_sequence_id`, `user_id` and the parameters, in whatever order',
                'page': schema,
            },
            'clock': {'is': '`event_timestamp`, the client\'s; the export does not say when a row was received', 'page': schema},
            'identity': {'is': '`user_id`, else `user_pseudo_id`; the account is a parameter or a property of the user', 'page': schema},
            'none': {
                'is': 'the daily copy of an intraday row; without consent there is no device; `user_engagement`, `session_start` and `first_visit` are no use',
                'page': schema,
            },
        },
    }) %}
{% endmacro %}

{% macro event_source__ga4(source) -%}
{%- set events = source_table(source, 'events', required=true) -%}
{%- set nested = {} -%}
{%- for column in ['event_params', 'user_properties'] if events and column_like(events, column) -%}
    {%- do nested.update({column_like(events, column): keyed_values_json(field(events, column))}) -%}
{%- endfor -%}
{%- set found = with_columns(events, nested) -%}
{%- set fields = {
    'occurred_at': ['event_timestamp'],
    'event_name': ['event_name'],
    'user_id': ['user_id'],
    'account_id': ['event_params.account_id', 'event_params.group_id', 'user_properties.account_id'],
    'anonymous_id': ['user_pseudo_id'],
    'received_at': [],
    'properties': ['event_params'],
} -%}
{%- do fields.update({'event_id': [made_id(source, found, fields, ga4_key(source, found, fields))]}) -%}
{{ event_rows(source, [{'found': found, 'fields': fields}]) }}
{%- endmacro %}

{#
    The fields of a batch tell the events of a device apart. What else an event holds is compared where they are missing,
    or the device is: a daily copy may know more of an event than the intraday one did.
#}
{% macro ga4_key(source, found, fields) %}
    {% if not found %}{% do return([]) %}{% endif %}
    {% set batch = ['batch_page_id', 'batch_ordering_id', 'batch_event_index'] %}
    {% set known = [] %}
    {% for path in ['user_pseudo_id'] + batch %}{% do known.append(field(found, path) ~ ' is not null') %}{% endfor %}
    {% set others = hash_of(compared_values(source, found, fields, ['event_bundle_sequence_id', 'user_id', 'properties'])) %}
    {% do return(['stream_id', 'anonymous_id', 'event_name', 'occurred_at'] + batch
        + [{'sql': 'case when ' ~ known | join(' and ') ~ " then '' else " ~ others ~ ' end'}]) %}
{% endmacro %}
