{# rudderstack: RudderStack in a warehouse, whose tables and clocks are Segment's, or its raw messages. #}

{% macro event_source__rudderstack__spec() %}
    {% do return({
        'title': 'RudderStack',
        'reads': 'a warehouse or Parquet export (`tracks`, `pages`, `screens`, `identifies`, `groups`, `aliases`), or raw `messages`',
        'tables': rudderstack_tables(),
        'options': {'event_tables': {'is': 'texts'}},
        'identity_events': ['$identify', '$group', '$alias'],
        'alias_events': ['$alias'],
        'leaving_events': ['Account Removed User'],
        'notes': 'As Segment. `timestamp` is the corrected clock, `received_at` the server\'s.',
        'facts': segment_facts(
            'https://www.rudderstack.com/docs/user-guides/administrators-guide/deduplication',
            'https://www.rudderstack.com/docs/destinations/warehouse-destinations/warehouse-schema',
        ),
    }) %}
{% endmacro %}

{% macro event_source__rudderstack(source) -%}
{{ tracker_calls(source) }}
{%- endmacro %}

{#
    Only RudderStack's tables carry these, which tells them from Segment's. It puts a bar before names that a warehouse keeps
    for itself, as BigQuery does `groups`.
#}
{% macro rudderstack_tables() %}
    {% set tables = call_tables() %}
    {% do tables.tracks.update({'known_by': tables.tracks.known_by + ['rudder_id|context_destination_id|context_source_id']}) %}
    {% do tables.groups.update({'else_called': '_groups'}) %}
    {% do tables.messages.update({'known_by': tables.messages.known_by + ['rudderId|rudder_id']}) %}
    {% do return(tables) %}
{% endmacro %}
