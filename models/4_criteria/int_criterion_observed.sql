{{ configured(materialized=rewritable(), incremental_strategy='rewrite_accounts') }}

{%- set inputs = {
    'usage': ref('pql_warehouse', 'fct_user_usage_daily'),
    'events': ref('pql_warehouse', 'int_detailed_events'),
    'accounts': ref('pql_warehouse', 'int_accounts_to_evaluate'),
    'spans': ref('pql_warehouse', 'int_criterion_spans'),
    'attributes': ref('pql_warehouse', 'int_account_attributes'),
    'billing_dates': ref('pql_warehouse', 'int_account_billing_dates'),
    'episodes': ref('pql_warehouse', 'fct_criterion_episodes'),
} %}

with accounts as (
    select account_id from {{ ref('pql_warehouse', 'int_accounts_to_evaluate') }}
),

observed as (
    {{ all_observed(pql_criteria(), inputs) | indent(4) }}
),

final as (
    select observed.*
    from observed
    inner join accounts on observed.account_id = accounts.account_id
)

select * from final
