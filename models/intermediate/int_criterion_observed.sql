{%- set inputs = {
    'usage': ref('fct_user_usage_daily'),
    'events': ref('int_events_attributed'),
    'accounts': ref('int_accounts'),
    'spans': ref('int_criterion_spans'),
    'attributes': ref('int_account_attributes'),
    'episodes': ref('fct_criterion_episodes'),
} %}

with final as (
    {{ all_observed(pql_criteria(), inputs) | indent(4) }}
)

select * from final
