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
    where state in ('hit', 'miss', 'miss_late', 'miss_closed')
),

{#- Of all accounts, and of those that signed up in the same month. -#}
{%- for suffix, month in [('', []), ('_then', ['signup_month'])] %}
{%- set of_all, of_rule = ['horizon_days'] + month, ['criterion_name'] + month %}
changes{{ suffix }} as (
    {{ risk_set_changes('comparable', of_all) | indent(4) }}
    union all
    select distinct {{ of_all | join(', ') }}, age, 0 as at_risk, 0 as converted from compared
),

risk_sets{{ suffix }} as (
    {{ running_risk_sets('changes' ~ suffix, of_all) | indent(4) }}
),

-- of each risk set, the accounts that have qualified by that age
qualified_changes{{ suffix }} as (
    {{ risk_set_changes('qualified', of_rule) | indent(4) }}
),

qualified_sets{{ suffix }} as (
    {{ running_risk_sets('qualified_changes' ~ suffix, of_rule) | indent(4) }}
),
{% endfor %}
-- at the same time an account is compared with others alone: where few sign up, it would be much of its own risk set
final as (
    select
        compared.criterion_name,
        compared.account_id,
        cast(compared.age as bigint) as age_microseconds,
        compared.signup_month,
        compared.state = 'hit' as is_hit,
        {%- for suffix in ['', '_then'] %}
        {%- set itself = ' - 1' if suffix else '' %}
        {%- set its_hit = " - case when compared.state = 'hit' then 1 else 0 end" if suffix else '' %}
        {%- set at_risk, qualified = 'risk_sets' ~ suffix, 'qualified_sets' ~ suffix %}
        cast({{ at_risk }}.at_risk{{ itself }} as bigint) as at_risk{{ suffix }},
        cast({{ at_risk }}.converted{{ its_hit }} as bigint) as at_risk_converted{{ suffix }},
        cast({{ at_risk }}.at_risk - {{ qualified }}.at_risk as bigint) as not_qualified{{ suffix }},
        cast({{ at_risk }}.converted - {{ qualified }}.converted as bigint) as not_qualified_converted{{ suffix }}{{ ',' if not loop.last }}
        {%- endfor %}
    from compared
    {%- for suffix, month in [('', []), ('_then', ['signup_month'])] %}
    {%- for sets, keys in [('risk_sets', ['horizon_days']), ('qualified_sets', ['criterion_name'])] %}
    inner join {{ sets }}{{ suffix }}
        on compared.age = {{ sets }}{{ suffix }}.age
        {%- for key in keys + month %}
        and compared.{{ key }} = {{ sets }}{{ suffix }}.{{ key }}
        {%- endfor %}
    {%- endfor %}
    {%- endfor %}
)

select * from final
