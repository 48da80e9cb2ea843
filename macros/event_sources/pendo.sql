{# pendo: Pendo's Data Sync (all events) or a connector's copy of its events. #}

{% macro event_source__pendo__spec() %}
    {% do return({
        'title': 'Pendo',
        'reads': 'the Data Sync of all `events` (`tables: {events: allevents}`), or a connector\'s',
        'tables': {'events': {'is': 'one row per event', 'required': true, 'known_by': ['visitorId', 'accountId', 'browserTimestamp|browserTime|timestamp']}},
        'notes': 'Visitors whose id starts with `_PENDO_T_` are anonymous. A row without an id gets a hash of its values. Track events are named by their track type, others by their type.',
    }) %}
{% endmacro %}

{% macro event_source__pendo(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{%- set clocks = ['browserTimestamp', 'browserTime', 'timestamp'] -%}
{%- set names = ['trackTypeName', 'event_name', 'type', 'event_type', 'event_class'] -%}
{%- set fields = {
    'event_id': ['event_id', 'guid', '_fivetran_id'],
    'occurred_at': clocks,
    'event_name': names,
    'account_id': ['account_id'],
    'received_at': ['receivedTimestamp', 'receivedTime', 'serverTime'],
    'properties': 'rest',
} -%}
{%- if found -%}
{%- set visitor_id = field(found, 'visitor_id') -%}
{%- set is_anonymous = 'substr(' ~ visitor_id ~ ", 1, 9) = '_PENDO_T_'" -%}
{%- do fields.update({
    'event_id': fields.event_id + [hash_of_fields(found, ['visitor_id', 'account_id'] + clocks + names + ['page_id', 'feature_id'])],
    'user_id': {'sql': 'case when ' ~ is_anonymous ~ ' then null else ' ~ visitor_id ~ ' end'},
    'anonymous_id': {'sql': 'case when ' ~ is_anonymous ~ ' then ' ~ visitor_id ~ ' end'},
}) -%}
{%- endif -%}
{{ event_rows(source, [{'found': found, 'fields': fields}]) }}
{%- endmacro %}
