{#
    The definitions whose criterion has parts, once without each part and once with that part alone, as combinations:
    a list of {name, definition_name, part_name, variant, weights, reach, at_sign_up, excluded_when}. An any_of inside
    an any_of (and an all_of inside an all_of) counts as its own parts.
#}
{% macro definition_variants(config) %}
    {% set by_name = {} %}
    {% for criterion in config.criteria %}{% do by_name.update({criterion.name: criterion}) %}{% endfor %}
    {% set variants = [] %}
    {% for definition in config.definitions if definition.audience != 'converted' %}
        {% set whole = by_name[definition.qualifies_when] %}
        {% set weights = flat_weights(whole, by_name) if whole.kind == 'combination' else {} %}
        {% set needs_all = whole.reach == whole.weights.values() | sum if weights else false %}
        {% for part, weight in weights.items() if weights | length > 1 %}
            {% set others = {} %}
            {% do others.update(weights) %}
            {% do others.pop(part) %}
            {% set shared = {'definition_name': definition.name, 'part_name': part, 'excluded_when': definition.excluded_when} %}
            {% do variants.append(dict(shared, name=definition.name ~ ' without ' ~ part, variant='without', weights=others,
                reach=(weights | length - 1 if needs_all else whole.reach), at_sign_up=whole.at_sign_up)) %}
            {% if weight > 0 %}
                {% do variants.append(dict(shared, name=definition.name ~ ' with only ' ~ part, variant='alone',
                    weights={part: 1}, reach=1, at_sign_up=none)) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(variants) %}
{% endmacro %}

{# The weights of a combination, with members of its own kind (any_of, all_of) replaced by theirs. #}
{% macro flat_weights(criterion, by_name) %}
    {% set weights = {} %}
    {% for member, weight in criterion.weights.items() %}
        {% if criterion.type in ['any_of', 'all_of'] and by_name[member].type == criterion.type %}
            {% do weights.update(flat_weights(by_name[member], by_name)) %}
        {% else %}
            {% do weights.update({member: weight}) %}
        {% endif %}
    {% endfor %}
    {% do return(weights) %}
{% endmacro %}

{# What each variant is of, as rows (variant_name, definition_name, part_name, variant). #}
{% macro variant_names(variants) -%}
select
    cast(null as {{ dbt.type_string() }}) as variant_name,
    cast(null as {{ dbt.type_string() }}) as definition_name,
    cast(null as {{ dbt.type_string() }}) as part_name,
    cast(null as {{ dbt.type_string() }}) as variant
where 1 = 0
{%- for variant in variants %}
union all
select {{ text_literal(variant.name) }}, {{ text_literal(variant.definition_name) }}, {{ text_literal(variant.part_name) }}, {{ text_literal(variant.variant) }}
{%- endfor %}
{%- endmacro %}
