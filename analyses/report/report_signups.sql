-- one row per week of sign-up and combination of stages reached: the funnel, and the cohorts
-- depends_on: {{ ref('pql_warehouse', 'pql_account_criteria') }}, {{ ref('pql_warehouse', 'fct_account_usage_daily') }}
{%- set milestones = pql_criteria() | selectattr('type', 'equalto', 'milestones') | map(attribute='name') | list %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
    where signed_up_at <= as_of
),

leads as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

activated as (
    {% if milestones -%}
    select account_id
    from {{ ref('pql_warehouse', 'pql_account_criteria') }}
    where criterion_name = {{ text_literal(milestones[0]) }} and times_met > 0
    {%- else -%}
    select usage.account_id
    from {{ ref('pql_warehouse', 'fct_account_usage_daily') }} as usage
    inner join accounts on usage.account_id = accounts.account_id
    where
        usage.events > 0
        and usage.local_date >= accounts.signed_up_on
        and usage.local_date < {{ add_days('accounts.signed_up_on', 7) }}
    group by usage.account_id
    having count(*) >= 2
    {%- endif %}
),

staged as (
    select
        {{ period_start('cast(accounts.signed_up_at as date)', 'week') }} as week,
        {{ period_start('cast(accounts.signed_up_at as date)', 'month') }} as month,
        case when activated.account_id is not null then 1 else 0 end as is_activated,
        case when leads.times_qualified > 0 then 1 else 0 end as was_pql,
        case when leads.converted_at is not null then 1 else 0 end as is_converted
    from accounts
    inner join leads on accounts.account_id = leads.account_id
    left join activated on accounts.account_id = activated.account_id
),

final as (
    select week, month, is_activated, was_pql, is_converted, count(*) as accounts
    from staged
    group by week, month, is_activated, was_pql, is_converted
)

select * from final
order by week, month, is_activated, was_pql, is_converted
