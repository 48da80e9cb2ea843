-- one row per week and criterion: accounts that became a PQL for the first time while the criterion was met
with parts as (
    {{ definition_parts(pql_config()) | indent(4) }}
),

pql_episodes as (
    select * from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where
        definition_name = {{ text_literal(pql_config().definitions[0].name) }}
        and episode_number = 1
),

criterion_episodes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
),

final as (
    select
        {{ period_start('cast(pql_episodes.qualified_at as date)', 'week') }} as week,
        parts.criterion_name,
        parts.part_rank,
        count(*) as pqls
    from pql_episodes
    inner join criterion_episodes
        on pql_episodes.account_id = criterion_episodes.account_id
        and pql_episodes.qualified_at >= criterion_episodes.started_at
        and pql_episodes.qualified_at < coalesce(criterion_episodes.ended_at, {{ end_of_time() }})
    inner join parts on criterion_episodes.criterion_name = parts.criterion_name
    group by
        {{ period_start('cast(pql_episodes.qualified_at as date)', 'week') }},
        parts.criterion_name,
        parts.part_rank
)

select * from final
order by week, part_rank
