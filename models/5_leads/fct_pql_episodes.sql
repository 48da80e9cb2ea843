with pql_episodes as (
    select * from {{ ref('pql_warehouse', 'int_pql_episodes') }}
),

moments as (
    select definition_name, account_id, qualified_at as moment from pql_episodes
),

standings as (
    {{ standings(pql_config(), 'moments', ref('pql_warehouse', 'fct_criterion_episodes')) | indent(4) }}
),

final as (
    select
        pql_episodes.definition_name,
        pql_episodes.account_id,
        pql_episodes.episode_number,
        pql_episodes.qualified_at,
        pql_episodes.ended_at,
        pql_episodes.end_reason,
        standings.criteria_met,
        standings.tier,
        cast(standings.score as {{ type_measure() }}) as score
    from pql_episodes
    inner join standings
        on pql_episodes.definition_name = standings.definition_name
        and pql_episodes.account_id = standings.account_id
        and pql_episodes.qualified_at = standings.moment
)

select * from final
