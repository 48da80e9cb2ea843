{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'dim_accounts') }}
),

ledger as (
    select * from {{ ref('pql_warehouse', 'pql_account_criteria') }}
),

reasons as (
    select * from {{ ref('pql_warehouse', 'int_account_reasons') }}
),

next_steps as (
    select * from {{ ref('pql_warehouse', 'int_account_next_steps') }}
),

episodes as (
    select
        account_id,
        count(*) as times_qualified,
        count(ended_at) as times_ended,
        min(qualified_at) as first_qualified_at,
        max(qualified_at) as qualified_at,
        max(ended_at) as last_ended_at
    from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where definition_name = {{ text_literal(primary.name) }}
    group by account_id
),

moments as (
    select {{ text_literal(primary.name) }} as definition_name, account_id, as_of as moment
    from {{ ref('pql_warehouse', 'int_accounts') }}
),

standings as (
    {{ standings(config, 'moments', ref('pql_warehouse', 'fct_criterion_episodes')) | indent(4) }}
),

bands as (
    select *, {{ text_literal(primary.name) }} as definition_name
    from {{ ref('pql_warehouse', 'pql_score_bands') }}
    where score_name = {{ text_literal(primary.score or '') }}
),

excluded as (
    select distinct account_id
    from ledger
    where
        is_met
        and criterion_name in ({{ text_literals(primary.excluded_when or ['']) }})
),

judged as (
    select
        accounts.*,
        case
            when accounts.merged_into is not null then 'merged'
            when accounts.converted_at is not null then 'converted'
            when accounts.closed_at is not null then 'closed'
            when excluded.account_id is not null then 'excluded'
            when episodes.times_qualified > episodes.times_ended then 'active'
            when episodes.times_qualified > 0 then 'lapsed'
            else 'never'
        end as pql_status,
        coalesce(episodes.times_qualified > episodes.times_ended, false) as is_pql,
        episodes.qualified_at,
        episodes.first_qualified_at,
        episodes.last_ended_at,
        coalesce(episodes.times_qualified, 0) as times_qualified,
        standings.tier as pql_tier,
        standings.score as pql_score,
        bands.band as pql_score_band,
        bands.score_rate as pql_score_rate,
        standings.criteria_met,
        reasons.reason,
        next_steps.next_criterion,
        next_steps.next_criterion_progress,
        next_steps.next_step,
        next_steps.next_step_makes_lead,
        next_steps.steps_to_lead,
        next_steps.distance_to_lead,
        next_steps.missing_attributes
    from accounts
    left join episodes on accounts.account_id = episodes.account_id
    left join standings on accounts.account_id = standings.account_id
    left join bands
        on standings.definition_name = bands.definition_name
        and standings.score >= bands.from_points
        and standings.score < bands.below_points
    left join excluded on accounts.account_id = excluded.account_id
    left join reasons on accounts.account_id = reasons.account_id
    left join next_steps on accounts.account_id = next_steps.account_id
),

final as (
    select
        account_id,
        account_name,
        domain,
        signed_up_at,
        plan,
        is_pql,
        pql_status,
        qualified_at,
        first_qualified_at,
        last_ended_at,
        times_qualified,
        pql_tier,
        cast(pql_score as {{ type_measure() }}) as pql_score,
        pql_score_band,
        pql_score_rate,
        criteria_met,
        case when is_pql then reason end as reason,
        next_criterion,
        cast(next_criterion_progress as {{ type_measure() }}) as next_criterion_progress,
        next_step,
        next_step_makes_lead,
        cast(steps_to_lead as {{ dbt.type_bigint() }}) as steps_to_lead,
        cast(distance_to_lead as {{ type_measure() }}) as distance_to_lead,
        missing_attributes,
        trial_ends_at,
        converted_at,
        closed_at,
        first_seen_at,
        last_seen_at
    from judged
)

select * from final
