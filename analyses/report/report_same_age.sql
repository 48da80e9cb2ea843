-- accounts open and unpaid at an age, with a whole horizon behind it, by which of the primary definition and a stage
-- had found them by then, and how many of them then paid within the horizon
{%- set primary = text_literal(pql_config().definitions[0].name) %}
with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where signed_up_at is not null
),

rules as (
    select * from {{ ref('pql_warehouse', 'pql_rules') }}
    where criterion_name = {{ primary }} and horizon_days is not null
),

ages as (
    {{ numbers(3) }}
),

landmarks as (
    select
        leads.account_id,
        stages.criterion_name as stage,
        leads.qualified_at,
        stages.qualified_at as entered_at,
        leads.converted_at,
        leads.closed_at,
        case ages.number when 0 then 7 when 1 then 14 else 30 end as age_days,
        {{ add_time('day', 'case ages.number when 0 then 7 when 1 then 14 else 30 end', 'leads.signed_up_at') }} as landmark,
        rules.horizon_days,
        rules.outcomes_as_of
    from outcomes as leads
    inner join rules on leads.criterion_name = rules.criterion_name
    inner join outcomes as stages
        on leads.account_id = stages.account_id
        and stages.kind = 'stage'
    cross join ages
),

followed as (
    select
        stage,
        age_days,
        coalesce(qualified_at <= landmark, 1 = 0) as is_found,
        coalesce(entered_at <= landmark, 1 = 0) as is_in_stage,
        case when converted_at <= {{ add_time('day', 'horizon_days', 'landmark') }} then 1 else 0 end as hit
    from landmarks
    where
        {{ add_time('day', 'horizon_days', 'landmark') }} <= outcomes_as_of
        and coalesce(converted_at > landmark, 1 = 1)
        and coalesce(closed_at > landmark, 1 = 1)
)

select stage, age_days, is_found, is_in_stage, count(*) as accounts, sum(hit) as hits
from followed
group by stage, age_days, is_found, is_in_stage
order by stage, age_days
