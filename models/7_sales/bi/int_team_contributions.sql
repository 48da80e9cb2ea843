{%- set primary = text_literal(pql_config().definitions[0].name) %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

leads as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
    where first_qualified_at is not null
),

outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where criterion_name = {{ primary }}
),

announced as (
    select * from {{ ref('pql_warehouse', 'fct_pql_sales_outcomes') }}
    where arm = 'contacted'
),

payments as (
    select * from {{ ref('pql_warehouse', 'int_first_payments') }}
),

churns as (
    select * from {{ ref('pql_warehouse', 'int_churns') }}
),

delivered as (
    select count(*) as ends from {{ ref('pql_warehouse', 'stg_billing__subscription_ends') }}
),

rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
    where criterion_name = {{ primary }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

-- what each team brought and when that can be judged; without a horizon, at once
final as (
    select
        'marketing' as team,
        accounts.signed_up_at as brought_at,
        {{ horizon_after('accounts.signed_up_at', 'rules.horizon_days', 'accounts.signed_up_at') }} as due_at,
        as_of.as_of as judged_at,
        1 as is_judged,
        case
            when leads.first_qualified_at <= {{ horizon_after('accounts.signed_up_at', 'rules.horizon_days', 'as_of.as_of') }}
                then 1
            else 0
        end as is_good,
        cast(null as integer) as is_touched_in_time
    from accounts
    cross join rules
    cross join as_of
    left join leads on accounts.account_id = leads.account_id
    where accounts.signed_up_at <= as_of.as_of
    union all
    select
        'product' as team,
        leads.first_qualified_at as brought_at,
        {{ horizon_after('leads.first_qualified_at', 'rules.horizon_days', 'leads.first_qualified_at') }} as due_at,
        rules.outcomes_as_of as judged_at,
        case when {{ is_mature('outcomes.state') }} then 1 else 0 end as is_judged,
        case when outcomes.state = 'hit' then 1 else 0 end as is_good,
        cast(null as integer) as is_touched_in_time
    from leads
    cross join rules
    left join outcomes on leads.account_id = outcomes.account_id
    union all
    select
        'sales' as team,
        announced.detected_at as brought_at,
        announced.contact_by as due_at,
        as_of.as_of as judged_at,
        1 as is_judged,
        case when announced.is_accepted then 1 else 0 end as is_good,
        case when announced.is_contacted_in_time then 1 else 0 end as is_touched_in_time
    from announced
    cross join as_of
    union all
    select
        'success' as team,
        payments.converted_at as brought_at,
        {{ add_time('day', 90, 'payments.converted_at') }} as due_at,
        rules.outcomes_as_of as judged_at,
        case when delivered.ends > 0 then 1 else 0 end as is_judged,
        case when churns.churned_at <= {{ add_time('day', 90, 'payments.converted_at') }} then 0 else 1 end as is_good,
        cast(null as integer) as is_touched_in_time
    from payments
    cross join rules
    cross join delivered
    left join churns on payments.account_id = churns.account_id
)

select * from final
