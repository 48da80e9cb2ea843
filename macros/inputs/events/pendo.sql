{# pendo: Pendo's Data Sync (all events), or a connector's copy of its events by the hour. #}

{% macro event_source__pendo__spec() %}
    {% set schema = 'https://support.pendo.io/hc/en-us/articles/14121317891355-Data-Sync-schema-definitions' %}
    {% do return({
        'title': 'Pendo',
        'reads': 'the Data Sync of all `events` (`tables: {events: allevents}`), or a connector\'s',
        'tables': {'events': {'is': 'one row per event, or per visitor, feature and hour', 'required': true, 'known_by': ['visitorId', 'accountId', 'browserTimestamp|browserTime|timestamp']}},
        'notes': 'Track events are named by their track type, others by their type. A row with `num_events` stands for so many.',
        'facts': {
            'key': {
                'is': 'the id agrees (`eventId`, `guid`, `_fivetran_id`); a row without one goes by all that it holds, but for its counts (`num_events`, `num_minutes`) and when it was loaded',
                'page': schema,
            },
            'clock': {
                'is': '`browserTimestamp`, of a row for an hour the hour\'s beginning; received at `receivedTimestamp`',
                'page': 'https://fivetran.com/docs/connectors/applications/pendo/troubleshooting/timestamp-nearest-hour',
            },
            'identity': {'is': '`visitorId`, a device\'s where it begins with `_PENDO_T_`; the account is `accountId`', 'page': schema},
            'none': {
                'is': 'a row with `num_events` 0 or less is no event, and is rejected',
                'page': 'https://fivetran.com/docs/connectors/applications/pendo/troubleshooting/timestamp-nearest-hour',
            },
        },
    }) %}
{% endmacro %}

{% macro event_source__pendo(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{%- set fields = {
    'occurred_at': ['browserTimestamp', 'browserTime', 'timestamp', 'hour', 'day'],
    'event_name': ['trackTypeName', 'event_name', 'type', 'event_type', 'event_class'],
    'account_id': ['account_id'],
    'received_at': ['receivedTimestamp', 'receivedTime', 'serverTime'],
    'event_count': ['num_events'],
    'properties': 'rest',
} -%}
{%- if found -%}
{%- set visitor_id = field(found, 'visitor_id') -%}
{%- set is_anonymous = 'substr(' ~ visitor_id ~ ", 1, 9) = '_PENDO_T_'" -%}
{%- do fields.update({
    'user_id': {'sql': 'case when ' ~ is_anonymous ~ ' then null else ' ~ visitor_id ~ ' end'},
    'anonymous_id': {'sql': 'case when ' ~ is_anonymous ~ ' then ' ~ visitor_id ~ ' end'},
}) -%}
{%- endif -%}
{%- set compared = ['occurred_at', 'event_name', 'user_id', 'account_id', 'anonymous_id'] -%}
{%- do fields.update({'event_id': [
    'event_id', 'guid', '_fivetran_id', made_id(source, found, fields, compared + [pendo_dimensions(found, fields)])
]}) -%}
{{ event_rows(source, [{'found': found, 'fields': fields}]) }}
{%- endmacro %}

{# What else tells rows for an hour apart (page, feature, browser, server), without counts, which grow, and clocks. #}
{% macro pendo_dimensions(found, fields) %}
    {% if not found %}{% do return({}) %}{% endif %}
    {% set columns, others = {}, [] %}
    {# `propertiesJson` is the text of `properties` #}
    {% set again = ['propertiesJson'] if column_like(found, 'properties') else [] %}
    {% for name in ['num_events', 'num_minutes', '_fivetran_synced', '_fivetran_deleted'] + again + fields.occurred_at + fields.received_at %}
        {% do others.append(column_like(found, name)) %}
    {% endfor %}
    {% for column in found.columns if column not in others %}{% do columns.update({written_name(column): column}) %}{% endfor %}
    {% do return({'sql': ordered_json(json_object(columns))}) %}
{% endmacro %}
