{#
    What an account still lacks to meet a definition. A goal is a criterion that is to be met (wanted 1) or not to be
    met (wanted 0): a combination's goal rests on goals of its members, and a member that counts against it is one that
    is wanted not to be met. What a goal lacks in sum is its cost: 0 where it is reached, at most 1 for a criterion,
    and what the cheapest sufficient members lack together for a combination. A goal out of reach has no row.
#}

{% macro goal_name(criterion, wanted) %}{% do return(criterion ~ ('' if wanted else ' not')) %}{% endmacro %}

{# Adds a goal and all that it rests on to `goals`: {name: {criterion, wanted, members, need}}. #}
{% macro collect_goals(name, wanted, by_name, goals) %}
    {% set criterion, goal = by_name[name], goal_name(name, wanted) %}
    {% set members = [] %}
    {% set need = [number_literal(criterion.reach) ~ ' - ' ~ number_literal(criterion.at_sign_up or 0)
        if wanted else number_literal(criterion.at_sign_up or 0) ~ ' - ' ~ number_literal(criterion.reach) ~ ' + 0.000001'] %}
    {% for member, weight in (criterion.weights or {}).items() if weight %}
        {% set member_wanted = 1 if (weight > 0) == (wanted == 1) else 0 %}
        {% do members.append({'goal': goal_name(member, member_wanted), 'gain': number_literal(weight | abs)}) %}
        {% if not member_wanted %}{% do need.append(number_literal(weight | abs)) %}{% endif %}
        {% if members[-1].goal not in goals %}{% do collect_goals(member, member_wanted, by_name, goals) %}{% endif %}
    {% endfor %}
    {% do goals.update({goal: {'criterion': criterion, 'wanted': wanted, 'members': members, 'need': need | join(' + ')}}) %}
{% endmacro %}

{#
    The goals of the primary definition, the criteria at their ends (`leaves`), those among them that use can meet
    (`uses`), and those that it should not, of the exclusions as well (`opposed`).
#}
{% macro primary_goals(config) %}
    {% set by_name, goals, against, uses, opposed, leaves = criteria_by_name(config), {}, {}, [], [], [] %}
    {% do collect_goals(config.definitions[0].qualifies_when, 1, by_name, goals) %}
    {% for name in config.definitions[0].excluded_when %}{% do collect_goals(name, 0, by_name, against) %}{% endfor %}
    {% for goal in goals.values() if goal.wanted and goal.criterion.kind == 'behaviour' %}{% do uses.append(goal.criterion) %}{% endfor %}
    {% for goal in goals.values() | list + against.values() | list if not goal.wanted and goal.criterion.kind == 'behaviour' %}
        {% do opposed.append(goal.criterion) %}
    {% endfor %}
    {% for goal in goals.values() if goal.criterion.kind != 'combination' %}{% do leaves.append(goal.criterion.name) %}{% endfor %}
    {% set root = goal_name(config.definitions[0].qualifies_when, 1) %}
    {% do return({
        'root': root, 'goals': goals, 'leaves': leaves, 'uses': uses, 'opposed': opposed,
        'levels': range(1, goals[root].criterion.level + 1) | list,
    }) %}
{% endmacro %}

{# The goals that are no combinations: (goal, criterion_name, wanted, is_use). #}
{% macro leaf_goals(goals) -%}
{%- for name, goal in goals.items() if goal.criterion.kind != 'combination' %}
select
    {{ text_literal(name) }} as goal,
    {{ text_literal(goal.criterion.name) }} as criterion_name,
    {{ goal.wanted }} as wanted,
    {{ 1 if goal.wanted and goal.criterion.kind == 'behaviour' else 0 }} as is_use
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# What the goals of one level rest on: (goal, member, gain, need, place). #}
{% macro goal_members(goals, level) -%}
{%- set members = [] %}
{%- for name, goal in goals.items() if goal.criterion.level == level %}
{%- for member in goal.members %}{% do members.append(dict(member, name=name, need=goal.need, place=loop.index)) %}{% endfor %}
{%- endfor %}
{%- for member in members %}
select
    {{ text_literal(member.name) }} as goal,
    {{ text_literal(member.goal) }} as member,
    cast({{ member.gain }} as {{ type_measure() }}) as gain,
    cast({{ member.need }} as {{ type_measure() }}) as need,
    {{ member.place }} as place
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#
    The costs of the goals of one level from `costs`: a CTE `level_{n}`. Either the cheapest member that suffices by
    itself is chosen, or members in the order of what they cost for what they give, whichever costs less in all.
#}
{% macro goal_level_ctes(level, goals, costs) -%}
members_{{ level }} as (
    {{ goal_members(goals, level) | indent(4) }}
),

lacking_{{ level }} as (
    select
        members.goal,
        members.gain,
        members.place,
        costs.account_id,
        costs.cost,
        costs.steps,
        members.need - sum(case when costs.cost = 0 then members.gain else 0 end) over (
            partition by costs.account_id, members.goal
        ) as need
    from {{ costs }} as costs
    inner join members_{{ level }} as members on costs.goal = members.member
),

ranked_{{ level }} as (
    select
        *,
        sum(case when cost > 0 then gain else 0 end) over (partition by account_id, goal) as gain_of_all,
        sum(case when cost > 0 then gain else 0 end) over (
            partition by account_id, goal
            order by cast(cost / gain as {{ type_measure() }}), place
            rows unbounded preceding
        ) - gain as gained_before,
        row_number() over (
            partition by account_id, goal
            order by case when cost > 0 and gain >= need then 0 else 1 end, cost, place
        ) as rank_alone
    from lacking_{{ level }}
),

priced_{{ level }} as (
    select
        *,
        sum(case when cost > 0 and gained_before < need then cost end) over (partition by account_id, goal) as cost_together,
        max(case when rank_alone = 1 and cost > 0 and gain >= need then cost end) over (
            partition by account_id, goal
        ) as cost_alone
    from ranked_{{ level }}
    where need <= 0 or gain_of_all >= need
),

level_{{ level }} as (
    select
        account_id,
        goal,
        cast(coalesce(sum(case when is_chosen = 1 then cost end), 0) as {{ type_measure() }}) as cost,
        {{ joined_text('case when is_chosen = 1 then steps end', ';', 'place') }} as steps
    from (
        select
            *,
            case
                when need <= 0 or cost = 0 then 0
                when cost_alone <= cost_together then case when rank_alone = 1 then 1 else 0 end
                when gained_before < need then 1
                else 0
            end as is_chosen
        from priced_{{ level }}
    ) as chosen
    group by account_id, goal
)
{%- endmacro %}

{# Of an account's `standing` in a criterion, whether use can still meet it: `ever`, or `today`, on the day of the as-of. #}
{% macro outlook_of(criteria, moment) -%}
case
    {%- for criterion in criteria %}
    when standing.criterion_name = {{ text_literal(criterion.name) }}
        then {{ criterion_macro(criterion.type, 'outlook')(criterion)[moment] }}
    {%- endfor %}
    when true then false
end
{%- endmacro %}

{#
    The outlook of a measure of days: so many are missing, the first of which is today unless today counts already, or
    tomorrow. `most` is how many days its window can hold, none for any number.
#}
{% macro days_outlook(criterion, missing, most) %}
    {% set yesterday = add_days('standing.as_of_on', -1) %}
    {% set next_day = next_listed_day(criterion, 'greatest(' ~ yesterday ~ ', coalesce(standing.counted_on, ' ~ yesterday ~ '))') %}
    {% if criterion.window.first_days %}
        {% set first_day_after = next_listed_day(criterion, add_days('standing.signed_up_on', criterion.window.first_days - 1)) %}
        {% set days_left = '(' ~ number_of_day(criterion, first_day_after) ~ ') - (' ~ number_of_day(criterion, next_day) ~ ')' %}
        {% set ever = 'coalesce(' ~ days_left ~ ' >= ' ~ missing ~ ', true)' %}
    {% else %}
        {% set ever = 'true' if most is none or criterion.at_least <= most else 'false' %}
    {% endif %}
    {% do return({'ever': ever, 'today': ever ~ ' and ' ~ missing ~ ' <= 1 and ' ~ next_day ~ ' = standing.as_of_on'
        ~ billing_date_is_known(criterion)}) %}
{% endmacro %}

{# In a billing month nothing counts until the account's date is known, which it is where something does count. #}
{% macro billing_date_is_known(criterion) %}
    {% do return(' and coalesce(standing.observed_value, 0) > 0' if criterion.window.billing else '') %}
{% endmacro %}

{# The uses by which an account could also come to meet what it should not: (criterion_name, opposed). #}
{% macro opposed_uses(uses, opposed) -%}
{%- for use in uses %}
{%- for other in opposed if not use.events or not other.events or use.events | select('in', other.events) | list %}
select {{ text_literal(use.name) }} as criterion_name, {{ text_literal(other.name) }} as opposed
union all
{%- endfor %}
{%- endfor %}
select cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as opposed
{{ no_rows() }}
{%- endmacro %}
