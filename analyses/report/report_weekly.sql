-- one row per week (Monday, UTC) and tier: starts of the primary definition, an account's first apart from the later ones
with starts as (
    {{ pql_transitions(ref('pql_warehouse', 'fct_pql_episodes'), pql_config().definitions[0].name) | indent(4) }}
),

final as (
    select
        {{ period_start('cast(event_at as date)', 'week') }} as week,
        tier,
        sum(case when event_type = 'qualified' then 1 else 0 end) as new_pqls,
        sum(case when event_type = 'requalified' then 1 else 0 end) as returned_pqls
    from starts
    where is_start
    group by {{ period_start('cast(event_at as date)', 'week') }}, tier
)

select * from final
order by week, tier
