{%- set longest_month = '2764800000000' %}

with payments as (
    select * from {{ ref('pql_warehouse', 'int_first_payments') }}
),

churns as (
    select * from {{ ref('pql_warehouse', 'int_churns') }}
),

outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where
        kind in ('definition', 'stage')
        and converted_at is not null
        and state <> 'same_day'
),

as_of as (
    select {{ conversions_as_of('as_of') }} as outcomes_as_of
    from {{ ref('pql_warehouse', 'int_as_of') }}
),

-- where no end was ever delivered, nothing is known of who stayed
delivered as (
    select count(*) as ends from {{ ref('pql_warehouse', 'stg_billing__subscription_ends') }}
),

paying as (
    select
        payments.account_id,
        payments.converted_at,
        payments.amount,
        case when churns.churned_at <= as_of.outcomes_as_of then 1 else 0 end as has_ended,
        least(coalesce(churns.churned_at, as_of.outcomes_as_of), as_of.outcomes_as_of) as followed_to
    from payments
    inner join as_of on payments.converted_at <= as_of.outcomes_as_of
    inner join delivered on delivered.ends > 0
    left join churns on payments.account_id = churns.account_id
),

counted as (
    select
        *,
        {{ whole_months('converted_at', 'followed_to') }} as months
    from paying
),

-- how long, for comparison: whole months, and what is beyond the last of them
customers as (
    select
        account_id,
        amount,
        has_ended,
        months,
        months * {{ longest_month }}
        + {{ microseconds_between(add_months('months', 'converted_at'), 'followed_to') }} as followed_for
    from counted
),

final as (
    select
        'all' as criterion_name,
        'all' as kind,
        'all' as customers,
        account_id,
        amount,
        has_ended,
        months,
        followed_for
    from customers
    union all
    select
        outcomes.criterion_name,
        outcomes.kind,
        case
            when outcomes.qualified_at < outcomes.converted_at then 'flagged_before'
            else 'not_flagged_before'
        end as customers,
        customers.account_id,
        customers.amount,
        customers.has_ended,
        customers.months,
        customers.followed_for
    from customers
    inner join outcomes on customers.account_id = outcomes.account_id
)

select * from final
