{%- set inputs = {
    'usage': ref('pql_warehouse', 'fct_user_usage_daily'),
    'events': ref('pql_warehouse', 'int_detailed_events'),
    'accounts': ref('pql_warehouse', 'int_accounts_to_evaluate'),
    'attribute_days': ref('pql_warehouse', 'int_account_attribute_days'),
    'billing_dates': ref('pql_warehouse', 'int_account_billing_dates'),
    'plan_limits': ref('pql_warehouse', 'stg_billing__plan_limits'),
    'goes_on': built_settings() is not none,
    'first_change': first_change(ref('pql_warehouse', 'int_accounts_to_evaluate'), since='signed_up_on'),
} %}

with final as (
    {{ all_spans(pql_criteria('behaviour'), inputs) | indent(4) }}
)

select * from final
