{%- set query %}
{{ message_rows(messages_about_ignored_events(ref('pql_warehouse', 'int_events_set_aside'))) }}
{%- endset %}

{{- warn_about(query) }}
