{%- set query %}
{{ message_rows(messages_about_attributes(
    ref('pql_warehouse', 'int_account_attributes'),
    ref('pql_warehouse', 'stg_product__accounts'),
    ref('pql_warehouse', 'stg_product__account_changes')
)) }}
{%- endset %}

{{- warn_about(query) }}
