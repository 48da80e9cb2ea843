{%- set query %}
{{ messages_about_health(ref('pql_warehouse', 'event_health')) }}
{%- endset %}

{{- warn_about(query) }}
