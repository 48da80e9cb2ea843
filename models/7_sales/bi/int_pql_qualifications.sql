{%- set config = pql_config() %}

with episodes as (
    select
        *,
        row_number() over (partition by account_id order by episode_number) as first_rank,
        row_number() over (partition by account_id order by episode_number desc) as last_rank
    from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where definition_name = {{ text_literal(config.definitions[0].name) }}
),

plans as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where attribute = 'plan'
),

ends as (
    select
        episodes.account_id,
        episodes.first_rank,
        episodes.last_rank,
        episodes.tier,
        episodes.score,
        episodes.criteria_met,
        {{ leading_criterion(config, 'episodes.criteria_met') | indent(8) }} as reason_code,
        {{ reason_at_start('episodes.criteria_met') | indent(8) }} as reason,
        plans.value as plan
    from episodes
    left join plans
        on episodes.account_id = plans.account_id
        and episodes.qualified_at >= plans.valid_from
        and episodes.qualified_at < plans.valid_to
    where episodes.first_rank = 1 or episodes.last_rank = 1
),

final as (
    select
        account_id,
        {% for end in ['first', 'last'] -%}
        {% for column in ['tier', 'score', 'criteria_met', 'reason_code', 'plan'] -%}
        max(case when {{ end }}_rank = 1 then {{ column }} end) as {{ end }}_{{ column }},
        {% endfor -%}
        {% endfor -%}
        max(case when last_rank = 1 then reason end) as last_reason
    from ends
    group by account_id
)

select * from final
