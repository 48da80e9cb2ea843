{{ config(materialized='view') }}

{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
    where
        signed_up_at is not null
        and merged_into is null
),

episodes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
),

leads as (
    select * from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where definition_name = {{ text_literal(primary.name) }}
),

-- a ranking takes a horizon in days
rules as (
    select criterion_name, horizon_days, outcomes_as_of
    from {{ ref('pql_warehouse', 'pql_rules') }}
    where kind = 'criterion' and horizon_days is not null
),

points as (
    {{ score_points(config) | indent(4) }}
),

scores as (
    select distinct points.score_name, rules.horizon_days, rules.outcomes_as_of
    from points
    inner join rules on points.score_name = rules.criterion_name
),

changes as (
    {{ score_changes() | indent(4) }}
),

-- an account's points, and when it last became a lead, from each moment at which either changed
spans as (
    select
        score_name,
        account_id,
        changed_at as started_at,
        lead(changed_at) over (partition by score_name, account_id order by changed_at) as ended_at,
        sum(sum(change)) over (partition by score_name, account_id order by changed_at rows unbounded preceding) as score,
        max(max(qualified_at)) over (
            partition by score_name, account_id order by changed_at rows unbounded preceding
        ) as qualified_at
    from changes
    group by score_name, account_id, changed_at
),

-- the weeks that start while it has them, is open and unpaid, and has a whole horizon before it
weeks as (
    select
        spans.score_name,
        spans.account_id,
        spans.score,
        spans.qualified_at,
        {{ first_week_from('spans.started_at') }} as from_week,
        {{ last_week_by('scores.outcomes_as_of', 'scores.horizon_days') }} + 1 as judged_until_week,
        {{ first_week_from('spans.ended_at') }} as ends_week,
        {{ first_week_from('accounts.converted_at') }} as converts_week,
        {{ first_week_from('accounts.closed_at') }} as closes_week,
        case
            when accounts.converted_at <= scores.outcomes_as_of
                then {{ first_week_from('accounts.converted_at', 'scores.horizon_days') }}
        end as pays_from_week
    from spans
    inner join scores on spans.score_name = scores.score_name
    inner join accounts on spans.account_id = accounts.account_id
),

bounded as (
    select
        *,
        least(
            judged_until_week,
            coalesce(ends_week, judged_until_week),
            coalesce(converts_week, judged_until_week),
            coalesce(closes_week, judged_until_week)
        ) as until_week
    from weeks
),

final as (
    select
        score_name,
        account_id,
        cast(score as {{ type_measure() }}) as score,
        qualified_at,
        from_week,
        until_week,
        case when pays_from_week < until_week then greatest(from_week, pays_from_week) end as pays_from_week
    from bounded
    where from_week < until_week
)

select * from final
