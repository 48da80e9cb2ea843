{# rudderstack: RudderStack in a warehouse, whose tables and clocks are Segment's, or its raw messages. #}

{% macro event_source__rudderstack__spec() %}
    {% do return({
        'title': 'RudderStack',
        'reads': 'a warehouse or Parquet export (`tracks`, `pages`, `screens`, `identifies`, `groups`, `aliases`), or raw `messages`',
        'tables': call_tables(),
        'options': {'event_tables': {'is': 'texts'}},
        'identity_events': ['$identify', '$group', '$alias'],
        'notes': 'As Segment. `timestamp` is the corrected clock, `received_at` the server\'s.',
    }) %}
{% endmacro %}

{% macro event_source__rudderstack(source) -%}
{{ tracker_calls(source) }}
{%- endmacro %}
