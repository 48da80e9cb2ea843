{#
    What stands at each of some moments (definition_name, account_id, moment): the criteria met, the first tier and
    the score. One row per moment.
#}
{% macro standings(config, moments, episodes) -%}
{%- set scored = config.definitions | selectattr('score') | map(attribute='name') | list -%}
with points as (
    {{ definition_points(config) | indent(4) }}
),
tiers as (
    {{ definition_tiers(config) | indent(4) }}
),
met as (
    select moments.definition_name, moments.account_id, moments.moment, episodes.criterion_name
    from {{ moments }} as moments
    inner join {{ episodes }} as episodes
        on moments.account_id = episodes.account_id
        and episodes.started_at <= moments.moment
        and coalesce(episodes.ended_at, {{ end_of_time() }}) > moments.moment
),
lists as (
    select
        definition_name,
        account_id,
        moment,
        {{ joined_text('criterion_name', ';', bytewise('criterion_name')) }} as criteria_met
    from met
    group by definition_name, account_id, moment
),
scores as (
    select met.definition_name, met.account_id, met.moment, sum(points.points) as score
    from met
    inner join points on met.definition_name = points.definition_name and met.criterion_name = points.criterion_name
    group by met.definition_name, met.account_id, met.moment
),
best_tiers as (
    select met.definition_name, met.account_id, met.moment, min(tiers.tier_rank) as tier_rank
    from met
    inner join tiers on met.definition_name = tiers.definition_name and met.criterion_name = tiers.criterion_name
    group by met.definition_name, met.account_id, met.moment
)
select
    moments.definition_name,
    moments.account_id,
    moments.moment,
    coalesce(lists.criteria_met, '') as criteria_met,
    tiers.tier,
    case
        when moments.definition_name in ({{ text_literals(scored or ['']) }}) then coalesce(scores.score, 0)
    end as score
from {{ moments }} as moments
{%- for part in ['lists', 'scores', 'best_tiers'] %}
left join {{ part }}
    on moments.definition_name = {{ part }}.definition_name
    and moments.account_id = {{ part }}.account_id
    and moments.moment = {{ part }}.moment
{%- endfor %}
left join tiers
    on moments.definition_name = tiers.definition_name
    and best_tiers.tier_rank = tiers.tier_rank
{%- endmacro %}
