{%- set config = pql_config() %}

with outcomes as (
    select * from {{ ref('pql_warehouse', 'fct_pql_sales_outcomes') }}
),

verdicts as (
    select * from {{ outcomes_so_far() | indent(4) }}
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

-- what the accounts of an arm are worth by conversion; an account announced twice is one account
judged as (
    select
        counted.criterion_name,
        counted.arm,
        count(distinct case when verdicts.state = 'hit' then verdicts.account_id end) as hits,
        count(distinct verdicts.account_id) as mature
    from counted
    inner join outcomes on counted.arm = outcomes.arm
    inner join verdicts
        on counted.criterion_name = verdicts.criterion_name
        and outcomes.pql_account_id = verdicts.account_id
    where
        {{ is_mature('verdicts.state') }}
        and (counted.kind = 'definition' or {{ list_holds('outcomes.criteria_met', 'counted.criterion_name') }})
    group by counted.criterion_name, counted.arm
),

final as (
    select
        counted.criterion_name,
        counted.kind,
        counted.arm,
        cast(counted.announced as bigint) as announced,
        cast(counted.answered as bigint) as answered,
        cast(counted.accepted as bigint) as accepted,
        cast(counted.rejected as bigint) as rejected,
        cast(counted.touched as bigint) as touched,
        cast(counted.contacted_in_time as bigint) as contacted_in_time,
        cast(counted.contacted_late as bigint) as contacted_late,
        cast(counted.converted as bigint) as converted,
        cast(coalesce(judged.hits, 0) as bigint) as hits,
        cast(coalesce(judged.mature, 0) as bigint) as mature
    from counted
    left join judged
        on counted.criterion_name = judged.criterion_name
        and counted.arm = judged.arm
)

select * from final
