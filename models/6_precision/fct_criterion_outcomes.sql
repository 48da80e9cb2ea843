{%- set definitions = pql_config().definitions | rejectattr('audience', 'equalto', 'converted') | list %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
    where has_outcomes
),

episodes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
),

stages as (
    select * from {{ ref('pql_warehouse', 'int_stage_entries') }}
),

first_of_definitions as (
    {{ first_qualifications(definitions, 'episodes') | indent(4) }}
),

-- the first time that each criterion was met, that of a definition with nothing excluding it, whatever its audience, or
-- that a lead entered the stage
qualifications as (
    select criterion_name, account_id, started_at as qualified_at
    from episodes
    where episode_number = 1
    union all
    select criterion_name, account_id, qualified_at
    from first_of_definitions
    union all
    select criterion_name, account_id, entered_at as qualified_at
    from stages
),

payments as (
    select * from {{ ref('pql_warehouse', 'int_first_payments') }}
),

-- without a horizon an account may take until the as-of
timed as (
    select
        rules.criterion_name,
        rules.kind,
        accounts.account_id,
        accounts.signed_up_at,
        qualifications.qualified_at,
        case when accounts.converted_at <= rules.outcomes_as_of then accounts.converted_at end as converted_at,
        accounts.converted_day_ends_at,
        accounts.closed_at,
        payments.amount,
        rules.outcomes_as_of,
        case
            when rules.horizon_days is null then rules.outcomes_as_of
            else {{ add_time('day', 'rules.horizon_days', 'qualifications.qualified_at') }}
        end as due_at
    from accounts
    cross join rules
    left join qualifications
        on accounts.account_id = qualifications.account_id
        and rules.criterion_name = qualifications.criterion_name
    left join payments on accounts.account_id = payments.account_id
),

-- whether a payment known only to the day came before the qualification on that day, nobody knows
dated as (
    select
        *,
        coalesce(converted_at <= qualified_at and qualified_at < converted_day_ends_at, false) as is_same_day
    from timed
),

final as (
    select
        criterion_name,
        kind,
        account_id,
        case
            when qualified_at is null then 'not_qualified'
            when is_same_day then 'same_day'
            when converted_at < qualified_at then 'converted_before'
            when converted_at = qualified_at then 'converted_at'
            when closed_at <= qualified_at then 'closed_before'
            when due_at > outcomes_as_of then 'immature'
            when converted_at <= due_at then 'hit'
            when closed_at <= due_at then 'miss_closed'
            when converted_at is not null then 'miss_late'
            else 'miss'
        end as state,
        signed_up_at,
        qualified_at,
        converted_at,
        closed_at,
        case
            when converted_at >= qualified_at and not is_same_day then
                cast({{ days_elapsed('qualified_at', 'converted_at') }} as {{ type_measure() }})
        end as days_to_convert,
        cast(case when converted_at is not null then amount end as {{ type_measure() }}) as amount
    from dated
)

select * from final
