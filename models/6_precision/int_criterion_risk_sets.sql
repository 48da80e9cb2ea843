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
    select criterion_name, account_id, state, horizon_days, enters as age
    from qualified
    where state in ('hit', 'miss', 'miss_late', 'miss_closed')
),

changes as (
    {{ risk_set_changes('comparable', 'horizon_days') | indent(4) }}
    union all
    select distinct horizon_days, age, 0 as at_risk, 0 as converted from compared
),

risk_sets as (
    {{ running_risk_sets('changes', 'horizon_days') | indent(4) }}
),

-- of each risk set, the accounts that have qualified by that age
qualified_changes as (
    {{ risk_set_changes('qualified', 'criterion_name') | indent(4) }}
),

qualified_sets as (
    {{ running_risk_sets('qualified_changes', 'criterion_name') | indent(4) }}
),

final as (
    select
        compared.criterion_name,
        compared.account_id,
        cast(compared.age as bigint) as age_microseconds,
        compared.state = 'hit' as is_hit,
        cast(risk_sets.at_risk as bigint) as at_risk,
        cast(risk_sets.converted as bigint) as at_risk_converted,
        cast(risk_sets.at_risk - qualified_sets.at_risk as bigint) as not_qualified,
        cast(risk_sets.converted - qualified_sets.converted as bigint) as not_qualified_converted
    from compared
    inner join risk_sets
        on compared.horizon_days = risk_sets.horizon_days
        and compared.age = risk_sets.age
    inner join qualified_sets
        on compared.criterion_name = qualified_sets.criterion_name
        and compared.age = qualified_sets.age
)

select * from final
