{%- set query %}
{{ message_rows(messages_about_time_zones(ref('pql_warehouse', 'stg_product__accounts'))) }}
{%- endset %}

{{- warn_about(query) }}
