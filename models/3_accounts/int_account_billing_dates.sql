{%- set inputs = {
    'accounts': ref('pql_warehouse', 'int_accounts'),
    'attribute_dates': ref('pql_warehouse', 'int_account_attribute_dates'),
} %}

with final as (
    {{ billing_dates(inputs) | indent(4) }}
)

select * from final
