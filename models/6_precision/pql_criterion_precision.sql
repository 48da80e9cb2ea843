{%- set states = ['not_qualified', 'same_day', 'converted_before', 'converted_at', 'closed_before', 'immature', 'hit',
    'miss_closed', 'miss_late', 'miss'] %}

with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
),

rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
    where has_outcomes
),

risk_sets as (
    select * from {{ ref('pql_warehouse', 'int_criterion_risk_sets') }}
),

judged as (
    select
        outcomes.*,
        case when outcomes.converted_at > outcomes.qualified_at then 1 else 0 end as is_flagged_before,
        case
            when outcomes.signed_up_at is null or outcomes.converted_at is null then 0
            when rules.recall_days is null then 1
            when {{ add_time('day', 'rules.recall_days', 'outcomes.signed_up_at') }} > rules.outcomes_as_of then 0
            when outcomes.converted_at <= {{ add_time('day', 'rules.recall_days', 'outcomes.signed_up_at') }} then 1
            else 0
        end as is_in_recall_frame,
        case
            when rules.horizon_days is null then 1
            when outcomes.converted_at <= {{ add_time('day', 'rules.horizon_days', 'outcomes.qualified_at') }} then 1
            else 0
        end as is_in_time
    from outcomes
    inner join rules on outcomes.criterion_name = rules.criterion_name
),

counted as (
    select
        criterion_name,
        {%- for state in states %}
        sum(case when state = '{{ state }}' then 1 else 0 end) as {{ state }},
        {%- endfor %}
        sum(case when {{ is_mature('state') }} then 1 else 0 end) as mature,
        count(qualified_at) as qualified,
        sum(case when qualified_at is not null and converted_at is not null then 1 else 0 end) as qualified_and_converted,
        sum(is_in_recall_frame) as converters,
        sum(is_in_recall_frame * is_flagged_before * is_in_time) as converters_caught,
        sum(is_in_recall_frame * is_flagged_before) as converters_flagged_before,
        sum(case when state = 'hit' and days_to_convert < 1 then 1 else 0 end) as hits_within_a_day,
        sum(case when state = 'hit' and amount is not null then 1 else 0 end) as hits_with_amount,
        sum(case when state = 'hit' then amount end) as hit_amount,
        sum(amount) / count(amount) as mean_amount
    from judged
    group by criterion_name
),

matched as (
    select
        criterion_name,
        avg(cast(at_risk_converted as {{ type_double() }}) / at_risk) as matched_base_rate,
        avg(cast(not_qualified_converted as {{ type_double() }}) / nullif(not_qualified, 0)) as not_qualified_rate,
        sum(case when not_qualified > 0 then 1 else 0 end) as compared,
        sum(case when not_qualified > 0 and is_hit then 1 else 0 end) as compared_hits,
        avg(cast(at_risk_converted_then as {{ type_double() }}) / nullif(at_risk_then, 0)) as matched_base_rate_then,
        avg(cast(not_qualified_converted_then as {{ type_double() }}) / nullif(not_qualified_then, 0))
            as not_qualified_rate_then,
        avg(1 - cast(not_qualified_then as {{ type_double() }}) / nullif(at_risk_then, 0)) as also_qualified_then,
        sum(case when at_risk_then > 0 then 1 else 0 end) as compared_then,
        sum(case when at_risk_then > 0 and is_hit then 1 else 0 end) as compared_hits_then,
        sum(case when not_qualified_then > 0 then 1 else 0 end) as beside_others_then,
        sum(case when not_qualified_then > 0 and is_hit then 1 else 0 end) as beside_others_hits_then
    from risk_sets
    group by criterion_name
),

lead_times as (
    select criterion_name, avg(days_to_convert) as median_days_to_convert
    from (
        select
            criterion_name,
            days_to_convert,
            row_number() over (partition by criterion_name order by days_to_convert) as position,
            count(*) over (partition by criterion_name) as hits
        from outcomes
        where state = 'hit'
    ) as ranked
    where position * 2 between hits and hits + 2
    group by criterion_name
),

final as (
    select
        rules.criterion_name,
        rules.kind,
        rules.outcomes_as_of,
        rules.horizon_days,
        {%- for column in states + ['qualified', 'qualified_and_converted', 'converters', 'converters_caught',
            'converters_flagged_before', 'hits_within_a_day', 'hits_with_amount'] %}
        cast(counted.{{ column }} as bigint) as {{ column }},
        {%- endfor %}
        cast(counted.mature as bigint) as mature,
        cast(counted.hit as {{ type_double() }}) / nullif(counted.mature, 0) as precision_rate,
        cast(counted.hit_amount as {{ type_measure() }}) as hit_amount,
        cast(counted.mean_amount as {{ type_measure() }}) as mean_amount,
        -- a hit that paid twice what customers pay on average counts twice
        cast(counted.hit as {{ type_double() }}) / nullif(counted.mature, 0)
        * (cast(counted.hit_amount as {{ type_double() }}) / nullif(counted.hits_with_amount, 0))
        / nullif(cast(counted.mean_amount as {{ type_double() }}), 0) as precision_by_amount,
        matched.matched_base_rate,
        matched.not_qualified_rate,
        cast(coalesce(matched.compared, 0) as bigint) as compared,
        cast(coalesce(matched.compared_hits, 0) as bigint) as compared_hits,
        cast(lead_times.median_days_to_convert as {{ type_measure() }}) as median_days_to_convert,
        matched.matched_base_rate_then,
        {{ ratio_then('matched.compared_hits_then', 'matched.compared_then', 'matched.matched_base_rate_then') }} as lift_then,
        matched.not_qualified_rate_then,
        {{ ratio_then('matched.beside_others_hits_then', 'matched.beside_others_then', 'matched.not_qualified_rate_then') }}
            as relative_rate_then,
        matched.also_qualified_then,
        cast(coalesce(matched.compared_then, 0) as bigint) as compared_then,
        cast(coalesce(matched.compared_hits_then, 0) as bigint) as compared_hits_then
    from rules
    inner join counted on rules.criterion_name = counted.criterion_name
    left join matched on rules.criterion_name = matched.criterion_name
    left join lead_times on rules.criterion_name = lead_times.criterion_name
)

select * from final
