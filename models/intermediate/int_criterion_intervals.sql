{%- set inputs = {
    'events': ref('int_starting_day_events'),
    'accounts': ref('int_accounts'),
    'attributes': ref('int_account_attributes'),
    'attribute_dates': ref('int_account_attribute_dates'),
    'starting_days': ref('int_criterion_runs'),
} %}

with runs as (
    select * from {{ ref('int_criterion_runs') }}
),

-- what each moment of a run's first day adds to the measure
increments as (
    {{ starting_day_increments(ref('int_criterion_spans'), inputs) | indent(4) }}
),

running as (
    select
        criterion_name,
        account_id,
        local_date,
        occurred_at,
        sum(amount) over (
            partition by criterion_name, account_id, local_date order by occurred_at range unbounded preceding
        ) as total
    from increments
),

behaviour_intervals as (
    select
        runs.criterion_name,
        runs.account_id,
        min(running.occurred_at) as started_at,
        case when runs.needed_on_first_day <= 0 then runs.starts_on end as started_on,
        cast(null as {{ dbt.type_timestamp() }}) as ended_at,
        runs.ends_on as ended_on
    from runs
    left join running
        on runs.criterion_name = running.criterion_name
        and runs.account_id = running.account_id
        and runs.starts_on = running.local_date
        and runs.needed_on_first_day > 0
        and runs.needed_on_first_day <= running.total
    group by runs.criterion_name, runs.account_id, runs.starts_on, runs.ends_on, runs.needed_on_first_day
),

final as (
    select * from behaviour_intervals
    {{ all_intervals(pql_criteria('interval'), inputs) | indent(4) }}
)

select * from final
