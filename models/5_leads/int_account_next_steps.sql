{%- set wanted = primary_goals(pql_config()) %}

with outlooks as (
    select * from {{ ref('pql_warehouse', 'int_account_outlooks') }}
),

phrases as (
    {{ criterion_phrases(wanted.uses) | indent(4) }}
),

leaf_goals as (
    {{ leaf_goals(wanted.goals) | indent(4) }}
),

opposed_uses as (
    {{ opposed_uses(wanted.uses, wanted.opposed) | indent(4) }}
),

costs_0 as (
    select account_id, goal, cost, steps
    from (
        select
            outlooks.account_id,
            leaf_goals.goal,
            case
                when outlooks.is_met = (leaf_goals.wanted = 1) then 0
                when leaf_goals.is_use = 1 and outlooks.can_be_met then outlooks.missing
            end as cost,
            outlooks.criterion_name as steps
        from outlooks
        inner join leaf_goals on outlooks.criterion_name = leaf_goals.criterion_name
    ) as leaves
    where cost is not null
),

{% for level in wanted.levels %}
{{ goal_level_ctes(level, wanted.goals, 'costs_' ~ (level - 1)) }},

-- every goal that is at most {{ level }} combinations deep
costs_{{ level }} as (
    select * from costs_{{ level - 1 }}
    union all
    select * from level_{{ level }}
),
{% endfor %}

ways as (
    select account_id, steps from costs_{{ wanted.levels | last | default(0) }}
    where goal = {{ text_literal(wanted.root) }}
),

-- the criteria that the cheapest way asks for, the nearest first
steps as (
    select
        outlooks.*,
        {{ filled_reason('phrases', 'coalesce(outlooks.observed_value, 0)') }} as stands,
        phrases.needed,
        row_number() over (
            partition by outlooks.account_id order by outlooks.missing, phrases.part_rank
        ) as nearness_rank,
        count(*) over (partition by outlooks.account_id) as steps_to_lead,
        sum(outlooks.missing) over (partition by outlooks.account_id) as distance_to_lead
    from ways
    inner join outlooks
        on ways.account_id = outlooks.account_id
        and {{ list_holds('ways.steps', 'outlooks.criterion_name') }}
    inner join phrases on outlooks.criterion_name = phrases.criterion_name
),

-- steps that could also meet what the definition wants not to be met
hindered as (
    select distinct outlooks.account_id, opposed_uses.criterion_name
    from opposed_uses
    inner join outlooks on opposed_uses.opposed = outlooks.criterion_name
    where not outlooks.is_met
),

attributes as (
    select
        outlooks.account_id,
        {{ joined_text('outlooks.criterion_name', ';', bytewise('outlooks.criterion_name')) }} as missing_attributes
    from outlooks
    inner join leaf_goals on outlooks.criterion_name = leaf_goals.criterion_name
    where
        leaf_goals.wanted = 1
        and leaf_goals.is_use = 0
        and not outlooks.is_met
    group by outlooks.account_id
),

final as (
    select
        coalesce(steps.account_id, attributes.account_id) as account_id,
        steps.criterion_name as next_criterion,
        steps.progress as next_criterion_progress,
        case when steps.stands is not null then concat(steps.stands, steps.needed) end as next_step,
        steps.steps_to_lead = 1 and steps.can_be_met_today and hindered.account_id is null as next_step_makes_lead,
        steps.steps_to_lead,
        steps.distance_to_lead,
        attributes.missing_attributes
    from (
        select * from steps
        where nearness_rank = 1
    ) as steps
    full outer join attributes on steps.account_id = attributes.account_id
    left join hindered
        on steps.account_id = hindered.account_id
        and steps.criterion_name = hindered.criterion_name
)

select * from final
