{{ configured(materialized=rewritable(), incremental_strategy='rewrite_accounts', on_schema_change='append_new_columns') }}

with accounts as (
    select account_id from {{ ref('pql_warehouse', 'int_accounts_to_evaluate') }}
),

rules as (
    {{ ledger_rules() | indent(4) }}
),

observed as (
    select * from {{ ref('pql_warehouse', 'int_criterion_observed') }}
),

episodes as (
    select
        account_id,
        criterion_name,
        count(*) as times_met,
        count(ended_at) as times_ended,
        min(started_at) as first_met_at,
        max(started_at) as last_started_at,
        max(ended_at) as last_ended_at
    from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
    group by account_id, criterion_name
),

-- every account by every criterion, whether it ever came close or not
measured as (
    select
        accounts.account_id,
        rules.criterion_name,
        rules.has_grace,
        coalesce(episodes.times_met > episodes.times_ended, false) as is_met,
        case when rules.is_nullable then observed.observed_value else coalesce(observed.observed_value, 0) end as observed_value,
        rules.threshold,
        coalesce(episodes.times_met, 0) as times_met,
        episodes.first_met_at,
        episodes.last_started_at,
        episodes.last_ended_at
    from accounts
    cross join rules
    left join observed
        on accounts.account_id = observed.account_id
        and rules.criterion_name = observed.criterion_name
    left join episodes
        on accounts.account_id = episodes.account_id
        and rules.criterion_name = episodes.criterion_name
),

final as (
    select
        account_id,
        criterion_name,
        is_met,
        is_met and has_grace and observed_value < threshold as is_in_grace,
        cast(observed_value as {{ type_measure() }}) as observed_value,
        threshold,
        cast(observed_value - threshold as {{ type_measure() }}) as margin,
        cast(
            case
                when is_met then 1
                when observed_value > 0 and observed_value < threshold then observed_value / threshold
                else 0
            end as {{ type_measure() }}
        ) as progress,
        times_met,
        first_met_at,
        last_started_at,
        last_ended_at
    from measured
)

select * from final
