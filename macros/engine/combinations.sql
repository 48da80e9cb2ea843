{# Every combination is a weighted sum of its members' episodes that reaches a number. #}

{% macro equal_weights(members, weight) %}
    {% set weights = {} %}
    {% for member in members %}{% do weights.update({member: weight}) %}{% endfor %}
    {% do return(weights) %}
{% endmacro %}

{# The weight of each member in each combination, as rows (combination_name, member_name, weight). #}
{% macro combination_weights(combinations) -%}
{%- for criterion in combinations -%}
{%- set outer = loop -%}
{%- for member, weight in criterion.weights.items() %}
select {{ text_literal(criterion.name) }} as combination_name, {{ text_literal(member) }} as member_name, {{ number_literal(weight) }} as weight
{{ 'union all' if not (loop.last and outer.last) }}
{%- endfor -%}
{%- endfor %}
{%- endmacro %}

{# The moments at which a combination of `level` changes: (criterion_name, account_id, changed_at, change). #}
{% macro combination_changes(combinations, episodes, inputs) -%}
with weights as (
    {{ combination_weights(combinations) | indent(4) }}
),
member_episodes as (
    select weights.combination_name, weights.weight, members.account_id, members.started_at, members.ended_at
    from {{ episodes }} as members
    inner join weights on members.criterion_name = weights.member_name
)
select combination_name as criterion_name, account_id, started_at as changed_at, weight as change
from member_episodes
union all
select combination_name as criterion_name, account_id, ended_at as changed_at, -weight as change
from member_episodes
where ended_at is not null
{%- for criterion in combinations if criterion.at_sign_up %}
union all
select {{ text_literal(criterion.name) }} as criterion_name, account_id, signed_up_at as changed_at, {{ number_literal(criterion.at_sign_up) }} as change
from {{ inputs.accounts }}
where signed_up_at <= as_of
{%- endfor %}
{%- endmacro %}

{# The measure of a combination at as-of: how many members are met, or their points. #}
{% macro combination_observed(criterion, inputs) -%}
select
    account_id,
    sum(
        case criterion_name
            {%- for member, weight in criterion.weights.items() %}
            when {{ text_literal(member) }} then {{ number_literal(weight) if criterion.observes_weights else 1 }}
            {%- endfor %}
        end
    ) as observed_value
from {{ inputs.episodes }}
where ended_at is null
    and criterion_name in ({{ text_literals(criterion.weights) }})
group by account_id
{%- endmacro %}

{# What each combination must reach, as rows (criterion_name, reach). #}
{% macro combination_rules(combinations) -%}
{%- for criterion in combinations -%}
select {{ text_literal(criterion.name) }} as criterion_name, {{ number_literal(criterion.reach) }} as reach
{{ 'union all' if not loop.last }}
{% endfor -%}
{%- endmacro %}
