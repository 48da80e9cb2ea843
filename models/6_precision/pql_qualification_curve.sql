with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where signed_up_at is not null
),

aged as (
    select
        criterion_name,
        state,
        cast(floor({{ days_elapsed('signed_up_at', 'qualified_at') }}) as integer) as age_days
    from outcomes
    where qualified_at is not null
),

qualified as (
    select criterion_name, age_days, count(*) as accounts, sum(case when state = 'hit' then 1 else 0 end) as hits
    from aged
    group by criterion_name, age_days
),

totals as (
    select criterion_name, count(*) as signed_up
    from outcomes
    group by criterion_name
),

final as (
    select
        qualified.criterion_name,
        qualified.age_days,
        cast(qualified.accounts as bigint) as accounts,
        cast(qualified.hits as bigint) as hits,
        cast(sum(qualified.accounts) over (
            partition by qualified.criterion_name order by qualified.age_days rows unbounded preceding
        ) as bigint) as accounts_so_far,
        cast(totals.signed_up as bigint) as signed_up
    from qualified
    inner join totals on qualified.criterion_name = totals.criterion_name
)

select * from final
