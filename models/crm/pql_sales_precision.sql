{%- set config = pql_config() %}

with outcomes as (
    select * from {{ ref('fct_pql_sales_outcomes') }}
),

names as (
    select {{ text_literal(config.definitions[0].name) }} as criterion_name, 'definition' as kind
    {%- for criterion in config.criteria %}
    union all
    select {{ text_literal(criterion.name) }} as criterion_name, 'criterion' as kind
    {%- endfor %}
),

counted as (
    select
        names.criterion_name,
        names.kind,
        outcomes.arm,
        count(*) as announced,
        sum(case when outcomes.disposition <> 'none' then 1 else 0 end) as answered,
        sum(case when outcomes.is_accepted then 1 else 0 end) as accepted,
        sum(case when outcomes.is_rejected then 1 else 0 end) as rejected,
        sum(case when outcomes.first_touch_at is not null then 1 else 0 end) as touched,
        sum(case when outcomes.is_contacted_in_time then 1 else 0 end) as contacted_in_time,
        sum(case when not outcomes.is_contacted_in_time then 1 else 0 end) as contacted_late,
        sum(case when outcomes.converted_at is not null then 1 else 0 end) as converted
    from names
    inner join outcomes
        on names.kind = 'definition'
        or {{ list_holds('outcomes.criteria_met', 'names.criterion_name') }}
    group by names.criterion_name, names.kind, outcomes.arm
),

final as (
    select
        criterion_name,
        kind,
        arm,
        cast(announced as bigint) as announced,
        cast(answered as bigint) as answered,
        cast(accepted as bigint) as accepted,
        cast(rejected as bigint) as rejected,
        cast(touched as bigint) as touched,
        cast(contacted_in_time as bigint) as contacted_in_time,
        cast(contacted_late as bigint) as contacted_late,
        cast(converted as bigint) as converted
    from counted
)

select * from final
