with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where qualified_at is not null
),

risk_sets as (
    select * from {{ ref('pql_warehouse', 'int_criterion_risk_sets') }}
),

final as (
    select
        outcomes.criterion_name,
        {{ period_start('outcomes.qualified_at', 'month') }} as qualified_month,
        count(*) as qualified,
        cast(sum(case when outcomes.state = 'immature' then 1 else 0 end) as bigint) as immature,
        cast(sum(case when {{ is_mature('outcomes.state') }} then 1 else 0 end) as bigint) as mature,
        cast(sum(case when outcomes.state = 'hit' then 1 else 0 end) as bigint) as hits,
        avg(cast(risk_sets.at_risk_converted as {{ type_double() }}) / risk_sets.at_risk) as matched_base_rate,
        avg(cast(risk_sets.at_risk_converted_then as {{ type_double() }}) / nullif(risk_sets.at_risk_then, 0))
            as matched_base_rate_then,
        cast(sum(case when risk_sets.at_risk_then > 0 then 1 else 0 end) as bigint) as compared_then,
        cast(sum(case when risk_sets.at_risk_then > 0 and risk_sets.is_hit then 1 else 0 end) as bigint)
            as compared_hits_then
    from outcomes
    left join risk_sets
        on outcomes.criterion_name = risk_sets.criterion_name
        and outcomes.account_id = risk_sets.account_id
    group by outcomes.criterion_name, {{ period_start('outcomes.qualified_at', 'month') }}
)

select * from final
