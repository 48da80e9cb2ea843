{{ configured(materialized=rewritable(), incremental_strategy='rewrite_accounts') }}

{%- set kept = last_rows() %}
{%- set inputs = {
    'events': ref('pql_warehouse', 'int_starting_day_events'),
    'accounts': ref('pql_warehouse', 'int_accounts_to_evaluate'),
    'attributes': ref('pql_warehouse', 'int_account_attributes'),
    'attribute_dates': ref('pql_warehouse', 'int_account_attribute_dates'),
    'billing_dates': ref('pql_warehouse', 'int_account_billing_dates'),
    'starting_days': ref('pql_warehouse', 'int_criterion_runs'),
} %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts_to_evaluate') }}
),

-- `awaited`: what the events of the first day have to add, null where the run begins with the day
runs as (
    select
        runs.criterion_name,
        runs.account_id,
        runs.starts_on,
        runs.ends_on,
        case when runs.needed_on_first_day <= 0 then runs.starts_on end as started_on,
        case when runs.needed_on_first_day > 0 then runs.needed_on_first_day end as awaited
    from {{ ref('pql_warehouse', 'int_criterion_runs') }} as runs
    inner join accounts on runs.account_id = accounts.account_id
),

-- what each moment of a run's first day adds to the measure
increments as (
    {{ starting_day_increments(ref('pql_warehouse', 'int_criterion_spans'), inputs) | indent(4) }}
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

-- a run that began before anything changed began when it did
begun_before as (
    {% if kept -%}
    select kept.criterion_name, kept.account_id, kept.run_starts_on, kept.started_at
    from {{ kept }} as kept
    inner join accounts
        on kept.account_id = accounts.account_id
        and kept.run_starts_on < accounts.changes_from
    {%- else -%}
    select criterion_name, account_id, starts_on as run_starts_on, cast(null as {{ dbt.type_timestamp() }}) as started_at
    from runs
    where false
    {%- endif %}
),

behaviour_intervals as (
    select
        runs.criterion_name,
        runs.account_id,
        coalesce(min(begun_before.started_at), min(running.occurred_at)) as started_at,
        runs.started_on,
        cast(null as {{ dbt.type_timestamp() }}) as ended_at,
        runs.ends_on as ended_on,
        runs.starts_on as run_starts_on
    from runs
    left join begun_before
        on runs.criterion_name = begun_before.criterion_name
        and runs.account_id = begun_before.account_id
        and runs.starts_on = begun_before.run_starts_on
    left join running
        on runs.criterion_name = running.criterion_name
        and runs.account_id = running.account_id
        and runs.starts_on = running.local_date
        and runs.awaited <= running.total
    group by runs.criterion_name, runs.account_id, runs.starts_on, runs.ends_on, runs.started_on
),

attribute_intervals as (
    {{ all_intervals(pql_criteria('interval'), inputs) | indent(4) }}
),

final as (
    select * from behaviour_intervals
    union all
    select attribute_intervals.*, cast(null as date) as run_starts_on
    from attribute_intervals
    inner join accounts on attribute_intervals.account_id = accounts.account_id
)

select * from final
