{%- set query %}
{{ message_rows(messages_about_limits(
    ref('pql_warehouse', 'stg_billing__plan_limits'),
    ref('pql_warehouse', 'int_account_attribute_days')
)) }}
{%- endset %}

{{- warn_about(query) }}
