{#
    The definitions that are made of parts, as combinations of these: [{name, weights, reach_without, at_sign_up,
    excluded_when}]. An any_of inside an any_of (and an all_of inside an all_of) counts as its own parts. Where all parts
    are needed, all that are left are needed without one.
#}
{% macro definitions_of_parts(config) %}
    {% set by_name = criteria_by_name(config) %}
    {% set wholes = [] %}
    {% for definition in config.definitions if definition.audience != 'converted' %}
        {% set whole = by_name[definition.qualifies_when] %}
        {% set weights = flat_weights(whole, by_name) if whole.kind == 'combination' else {} %}
        {% if weights | length > 1 %}
            {% do wholes.append({
                'name': definition.name,
                'weights': weights,
                'reach_without': weights | length - 1 if whole.reach == whole.weights.values() | sum else whole.reach,
                'at_sign_up': whole.at_sign_up,
                'excluded_when': definition.excluded_when,
            }) %}
        {% endif %}
    {% endfor %}
    {% do return(wholes) %}
{% endmacro %}

{# The weights of a combination; where its type is flattened, members of the same type are replaced by theirs. #}
{% macro flat_weights(criterion, by_name) %}
    {% set weights = {} %}
    {% for member, weight in criterion.weights.items() %}
        {% if criterion.is_flattened and by_name[member].type == criterion.type %}
            {% do weights.update(flat_weights(by_name[member], by_name)) %}
        {% else %}
            {% do weights.update({member: weight}) %}
        {% endif %}
    {% endfor %}
    {% do return(weights) %}
{% endmacro %}

{# What is left of a definition without one of its parts, as rows (definition_name, reach_without, at_sign_up). #}
{% macro definition_remainders(wholes) -%}
select
    cast(null as {{ dbt.type_string() }}) as definition_name,
    cast(null as {{ type_measure() }}) as reach_without,
    cast(null as {{ type_measure() }}) as at_sign_up
{{ no_rows() }}
{%- for whole in wholes %}
union all
select {{ text_literal(whole.name) }}, {{ number_literal(whole.reach_without) }}, {{ optional_number(whole.at_sign_up) }}
{%- endfor %}
{%- endmacro %}

{# The parts of these definitions, as rows (definition_name, part_name, weight). #}
{% macro definition_weights(wholes) -%}
select
    cast(null as {{ dbt.type_string() }}) as definition_name,
    cast(null as {{ dbt.type_string() }}) as part_name,
    cast(null as {{ type_measure() }}) as weight
{{ no_rows() }}
{%- for whole in wholes %}{% for part, weight in whole.weights.items() %}
union all
select {{ text_literal(whole.name) }}, {{ text_literal(part) }}, {{ number_literal(weight) }}
{%- endfor %}{% endfor %}
{%- endmacro %}

{# The criteria that keep accounts out of these definitions, as rows (definition_name, criterion_name). #}
{% macro definition_exclusions(wholes) -%}
select cast(null as {{ dbt.type_string() }}) as definition_name, cast(null as {{ dbt.type_string() }}) as criterion_name
{{ no_rows() }}
{%- for whole in wholes %}{% for criterion in whole.excluded_when %}
union all
select {{ text_literal(whole.name) }}, {{ text_literal(criterion) }}
{%- endfor %}{% endfor %}
{%- endmacro %}

{#
    When the sum of a variant's parts changes: CTEs up to `changes` (criterion_name, account_id, changed_at, change), from
    those of `variants`, `parts`, `episodes` and `accounts`.
#}
{% macro variant_change_ctes() -%}
variant_episodes_of_parts as (
    select
        variants.criterion_name,
        episodes.account_id,
        episodes.started_at,
        episodes.ended_at,
        case when variants.variant = 'alone' then 1 else parts.weight end as weight
    from variants
    inner join parts
        on variants.definition_name = parts.definition_name
        and variants.variant = case when parts.part_name = variants.part_name then 'alone' else 'without' end
    inner join episodes on parts.part_name = episodes.criterion_name
),
changes as (
    select criterion_name, account_id, started_at as changed_at, weight as change from variant_episodes_of_parts
    union all
    select criterion_name, account_id, ended_at as changed_at, -weight as change from variant_episodes_of_parts
    where ended_at is not null
    union all
    select variants.criterion_name, accounts.account_id, accounts.signed_up_at as changed_at, variants.at_sign_up as change
    from variants
    inner join accounts on accounts.signed_up_at <= accounts.as_of
    where variants.at_sign_up is not null
)
{%- endmacro %}

{#
    What decides about each variant: CTEs up to `decisions` (definition_name, account_id, changed_at, support, excluded).
    Exclusions are criteria as they are.
#}
{% macro variant_exclusion_ctes(variant_episodes) -%}
variant_exclusions as (
    select variants.criterion_name, episodes.account_id, episodes.started_at, episodes.ended_at
    from variants
    inner join exclusions on variants.definition_name = exclusions.definition_name
    inner join episodes on exclusions.criterion_name = episodes.criterion_name
),
decisions as (
    {%- for table, support, excluded in [(variant_episodes, 1, 0), ('variant_exclusions', 0, 1)] %}
    {{ 'union all' if not loop.first }}
    select criterion_name as definition_name, account_id, started_at as changed_at, {{ support }} as support, {{ excluded }} as excluded
    from {{ table }}
    union all
    select criterion_name, account_id, ended_at, -{{ support }}, -{{ excluded }} from {{ table }}
    where ended_at is not null
    {%- endfor %}
)
{%- endmacro %}
