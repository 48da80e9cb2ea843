{%- set inputs = {
    'usage': ref('fct_user_usage_daily'),
    'events': ref('int_detailed_events'),
    'accounts': ref('int_accounts_redone'),
    'plans': ref('int_account_plans'),
    'plan_limits': ref('stg_billing__plan_limits'),
    'goes_on': built_settings() is not none,
} %}

with final as (
    {{ all_spans(pql_criteria('behaviour'), inputs) | indent(4) }}
)

select * from final
