-- one row per week (Monday, UTC) and tier: PQL episodes of the primary definition that started
with episodes as (
    select * from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where definition_name = {{ text_literal(pql_config().definitions[0].name) }}
),

final as (
    select
        {{ period_start('cast(qualified_at as date)', 'week') }} as week,
        tier,
        count(*) as pqls,
        sum(case when episode_number = 1 then 1 else 0 end) as first_time
    from episodes
    group by {{ period_start('cast(qualified_at as date)', 'week') }}, tier
)

select * from final
order by week, tier
