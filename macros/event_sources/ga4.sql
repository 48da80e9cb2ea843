{# ga4: the BigQuery export of Google Analytics 4. #}

{% macro event_source__ga4__spec() %}
    {% do return({
        'title': 'Google Analytics 4',
        'reads': 'the BigQuery export: a view of it, or files of it in a folder `events/`',
        'tables': {'events': {
            'is': 'one row per event', 'required': true, 'known_by': ['event_timestamp', 'event_params', 'user_pseudo_id'],
        }},
        'uncounted_events': ['user_engagement', 'session_start', 'first_visit'],
        'notes': 'GA4 has no event id: it is a hash of the event, so that one delivered twice is a duplicate. `event_params.key` and `user_properties.key` name a parameter in `columns`. On BigQuery, where a table is a day, give it a view of `events_*`.',
    }) %}
{% endmacro %}

{% macro event_source__ga4(source) -%}
{%- set events = source_table(source, 'events', required=true) -%}
{%- set nested = {} -%}
{%- for column in ['event_params', 'user_properties'] if events and column_like(events, column) -%}
    {%- do nested.update({column_like(events, column): keyed_values_json(field(events, column))}) -%}
{%- endfor -%}
{%- set found = with_columns(events, nested) -%}
{{ event_rows(source, [{'found': found, 'fields': {
    'event_id': hash_of_fields(found, ['user_pseudo_id', 'event_timestamp', 'event_name', 'event_bundle_sequence_id', 'event_params']),
    'occurred_at': ['event_timestamp'],
    'event_name': ['event_name'],
    'user_id': ['user_id'],
    'account_id': ['event_params.account_id', 'event_params.group_id', 'user_properties.account_id'],
    'anonymous_id': ['user_pseudo_id'],
    'received_at': [],
    'properties': ['event_params'],
}}]) }}
{%- endmacro %}

{# An id for rows that come without one: the same for the same values. #}
{% macro hash_of_fields(found, paths) %}
    {% if not found %}{% do return([]) %}{% endif %}
    {% set values = [] %}
    {% for path in paths %}
        {% do values.append('coalesce(' ~ field(found, path) ~ ", '')") %}
        {% do values.append("'|'") %}
    {% endfor %}
    {% do return({'sql': dbt.hash(dbt.concat(values))}) %}
{% endmacro %}
