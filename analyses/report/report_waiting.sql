-- one row per whole hour since an account first qualified, and what ended its wait then: 1 converted, 2 closed, 0 seen no longer
with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where
        kind = 'definition'
        and criterion_name = {{ text_literal(pql_config().definitions[0].name) }}
        and state not in ('not_qualified', 'same_day', 'converted_before', 'converted_at', 'closed_before')
),

rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
    where kind = 'definition'
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

-- a conversion at the instant of closing counts
waits as (
    select
        outcomes.qualified_at,
        case
            when
                outcomes.converted_at is not null
                and outcomes.converted_at <= coalesce(accounts.closed_at, {{ end_of_time() }}) then 1
            when accounts.closed_at <= rules.outcomes_as_of then 2
            else 0
        end as cause,
        least(
            coalesce(outcomes.converted_at, rules.outcomes_as_of),
            coalesce(accounts.closed_at, rules.outcomes_as_of),
            rules.outcomes_as_of
        ) as ended_at
    from outcomes
    inner join rules on outcomes.criterion_name = rules.criterion_name
    inner join accounts on outcomes.account_id = accounts.account_id
),

whole_hours as (
    select cause, floor({{ microseconds_between('qualified_at', 'ended_at') }} / 3600000000.0) as hours
    from waits
),

final as (
    select hours, cause, count(*) as accounts
    from whole_hours
    group by hours, cause
)

select * from final
order by hours, cause
