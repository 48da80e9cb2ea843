{%- set never = '9000000000000000000' %}

with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where signed_up_at is not null
),

rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
    where has_outcomes and horizon_days is not null
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
    where signed_up_at is not null
),

horizons as (
    select horizon_days, outcomes_as_of, horizon_days * {{ microseconds_per_day() }} as horizon
    from rules
    group by horizon_days, outcomes_as_of
),

ages as (
    select
        accounts.account_id,
        {{ signup_period('accounts.signed_up_at') }} as signup_month,
        horizons.horizon_days,
        horizons.horizon,
        {{ microseconds_between('accounts.signed_up_at', 'horizons.outcomes_as_of') }} as followed,
        case
            when accounts.converted_at <= horizons.outcomes_as_of
                then {{ microseconds_between('accounts.signed_up_at', 'accounts.converted_at') }}
            else {{ never }}
        end as converted,
        coalesce({{ microseconds_between('accounts.signed_up_at', 'accounts.closed_at') }}, {{ never }}) as closed
    from accounts
    cross join horizons
),

-- all in microseconds since sign-up, before which a lead may have entered a stage; an account is compared until it
-- converts, closes or lacks a full horizon
comparable as (
    select
        account_id,
        signup_month,
        horizon_days,
        -{{ never }} as enters,
        least(converted, closed, followed - horizon + 1) as leaves,
        converted - horizon as converts
    from ages
),

qualified as (
    select
        outcomes.criterion_name,
        outcomes.account_id,
        outcomes.state,
        comparable.signup_month,
        rules.horizon_days,
        {{ microseconds_between('outcomes.signed_up_at', 'outcomes.qualified_at') }} as enters,
        comparable.leaves,
        comparable.converts
    from outcomes
    inner join rules on outcomes.criterion_name = rules.criterion_name
    inner join comparable
        on outcomes.account_id = comparable.account_id
        and rules.horizon_days = comparable.horizon_days
    where outcomes.qualified_at is not null
),

compared as (
    select criterion_name, account_id, state, signup_month, horizon_days, enters as age
    from qualified
    where {{ is_mature('state') }}
),

{{ risk_set_ctes('') }},

{{ risk_set_ctes('_then', ['signup_month']) }},

-- at the same time an account is compared with others alone: where few sign up, it would be much of its own risk set
final as (
    select
        compared.criterion_name,
        compared.account_id,
        cast(compared.age as bigint) as age_microseconds,
        compared.signup_month,
        compared.state = 'hit' as is_hit,
        cast(risk_sets.at_risk as bigint) as at_risk,
        cast(risk_sets.converted as bigint) as at_risk_converted,
        cast(risk_sets.at_risk - qualified_sets.at_risk as bigint) as not_qualified,
        cast(risk_sets.converted - qualified_sets.converted as bigint) as not_qualified_converted,
        cast(risk_sets_then.at_risk - 1 as bigint) as at_risk_then,
        cast(risk_sets_then.converted - case when compared.state = 'hit' then 1 else 0 end as bigint)
            as at_risk_converted_then,
        cast(risk_sets_then.at_risk - qualified_sets_then.at_risk as bigint) as not_qualified_then,
        cast(risk_sets_then.converted - qualified_sets_then.converted as bigint) as not_qualified_converted_then
    from compared
    inner join risk_sets
        on compared.horizon_days = risk_sets.horizon_days
        and compared.age = risk_sets.age
    inner join qualified_sets
        on compared.criterion_name = qualified_sets.criterion_name
        and compared.age = qualified_sets.age
    inner join risk_sets_then
        on compared.horizon_days = risk_sets_then.horizon_days
        and compared.signup_month = risk_sets_then.signup_month
        and compared.age = risk_sets_then.age
    inner join qualified_sets_then
        on compared.criterion_name = qualified_sets_then.criterion_name
        and compared.signup_month = qualified_sets_then.signup_month
        and compared.age = qualified_sets_then.age
)

select * from final
