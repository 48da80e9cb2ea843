{%- set query %}
{{ message_rows(messages_about_events(ref('pql_warehouse', 'fct_user_usage_daily'))) }}
{%- endset %}

{{- warn_about(query) }}
