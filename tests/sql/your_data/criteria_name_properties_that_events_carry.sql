{%- set query %}
{{ message_rows(messages_about_properties(
    ref('pql_warehouse', 'int_detailed_events'),
    ref('pql_warehouse', 'int_events_attributed')
)) }}
{%- endset %}

{{- warn_about(query, at_most=20) }}
