{# What the engine needs to know of every behaviour criterion: (criterion_name, reach, min_base, lapse_after_days). #}
{% macro behaviour_rules() -%}
{%- for criterion in pql_criteria('behaviour') %}
select
    {{ text_literal(criterion.name) }} as criterion_name,
    cast({{ number_literal(criterion.reach) }} as {{ type_measure() }}) as reach,
    cast({{ number_literal(criterion.min_base) if criterion.min_base else 'null' }} as {{ type_measure() }}) as min_base,
    {{ criterion.lapse_after_days }} as lapse_after_days
{{ 'union all' if not loop.last }}
{%- else %}
select
    cast(null as {{ dbt.type_string() }}) as criterion_name,
    cast(null as {{ type_measure() }}) as reach,
    cast(null as {{ type_measure() }}) as min_base,
    0 as lapse_after_days
{{ no_rows() }}
{%- endfor %}
{%- endmacro %}

{#
    What each moment of a run's first day adds to the measure: (criterion_name, account_id, local_date, occurred_at,
    amount). The events themselves for additive measures, else the spans, which start at their exact moment.
#}
{% macro starting_day_increments(spans, inputs) -%}
{%- set additive = pql_criteria('behaviour') | selectattr('is_additive') | list -%}
select criterion_name, account_id, starts_on as local_date, started_at as occurred_at, amount
from {{ spans }}
where started_at is not null
{%- if additive %}
    and criterion_name not in ({{ text_literals(additive | map(attribute='name')) }})
{%- endif %}
{%- for criterion in additive %}
{%- set ask = asks_of([criterion]) | first %}
union all
select
    {{ text_literal(criterion.name) }} as criterion_name,
    account_id,
    local_date,
    occurred_at,
    {{ increment(ask) }} as amount
from (
    {{ matches(ask, inputs) | indent(4) }}
) as matches
{%- endfor %}
{%- endmacro %}

{# The intervals of every interval criterion. #}
{% macro all_intervals(criteria, inputs) -%}
{%- for criterion in criteria %}
select {{ text_literal(criterion.name) }} as criterion_name, intervals.*
from (
    {{ criterion_macro(criterion.type, 'intervals')(criterion, inputs) | indent(4) }}
) as intervals
{{ 'union all' if not loop.last }}
{%- else %}
select
    cast(null as {{ dbt.type_string() }}) as criterion_name,
    cast(null as {{ dbt.type_string() }}) as account_id,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    cast(null as date) as started_on,
    cast(null as {{ dbt.type_timestamp() }}) as ended_at,
    cast(null as date) as ended_on
{{ no_rows() }}
{%- endfor %}
{%- endmacro %}

{# What the ledger needs to know of every criterion: (criterion_name, threshold, has_grace, is_nullable). #}
{% macro ledger_rules() -%}
{%- for criterion in pql_criteria() %}
select
    {{ text_literal(criterion.name) }} as criterion_name,
    cast({{ number_literal(criterion.threshold) }} as {{ type_measure() }}) as threshold,
    {{ 'true' if criterion.kind == 'behaviour' else 'false' }} as has_grace,
    {{ 'true' if criterion.is_number else 'false' }} as is_nullable
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{#
    The criteria that a criterion rests on, in the order written: without those that count against it, but for a
    combination that asks for nothing else.
#}
{% macro wanted_leaves(name, by_name) %}
    {% if by_name[name].kind != 'combination' %}{% do return([name]) %}{% endif %}
    {% set leaves = [] %}
    {% for member, weight in by_name[name].weights.items() if weight > 0 %}
        {% do leaves.extend(wanted_leaves(member, by_name) | reject('in', leaves) | list) %}
    {% endfor %}
    {% do return(leaves or [name]) %}
{% endmacro %}

{# The parts of the primary definition that a sales rep reads about, as rows of `criterion_phrases`. #}
{% macro definition_parts(config) -%}
{%- set by_name, parts = criteria_by_name(config), [] -%}
{%- for name in wanted_leaves(config.definitions[0].qualifies_when, by_name) %}{% do parts.append(by_name[name]) %}{% endfor -%}
{{ criterion_phrases(parts) }}
{%- endmacro %}

{# Some criteria in words, in their order: (criterion_name, part_rank, reason, reason_of_one, needed). #}
{% macro criterion_phrases(criteria) -%}
{%- for criterion in criteria %}
{%- set reason = criterion_reason(criterion) %}
select
    {{ text_literal(criterion.name) }} as criterion_name,
    {{ loop.index }} as part_rank,
    {{ text_literal(reason_form(reason, 2)) }} as reason,
    {{ text_literal(reason_form(reason, 1)) }} as reason_of_one,
    {{ text_literal(needed_phrase(criterion, reason)) }} as needed
{{ 'union all' if not loop.last }}
{%- else %}
select
    {%- for column in ['criterion_name', 'reason', 'reason_of_one', 'needed'] %}
    cast(null as {{ dbt.type_string() }}) as {{ column }},
    {%- endfor %}
    0 as part_rank
{{ no_rows() }}
{%- endfor %}
{%- endmacro %}

{# A measure as a person writes it: whole where it is whole, else with one or two places. #}
{% macro number_text(number) -%}
case
    when {{ number }} = floor({{ number }}) then cast(cast({{ number }} as bigint) as {{ dbt.type_string() }})
    when {{ number }} * 10 = floor({{ number }} * 10) then cast(cast({{ number }} as numeric(30, 1)) as {{ dbt.type_string() }})
    else cast(cast({{ number }} as numeric(30, 2)) as {{ dbt.type_string() }})
end
{%- endmacro %}

{# A part's reason with its measure filled in. #}
{% macro filled_reason(parts, observed_value) -%}
{%- set form = 'case when ' ~ observed_value ~ ' = 1 then ' ~ parts ~ '.reason_of_one else ' ~ parts ~ '.reason end' -%}
{%- set percent = 'concat(cast(cast(floor(' ~ observed_value ~ ' * 100) as bigint) as ' ~ dbt.type_string() ~ "), '%')" -%}
replace(
    replace(replace({{ form }}, '{value}', {{ number_text(observed_value) }}), '{percent}', {{ percent }}),
    {{ text_literal(marked_brace()) }}, '{'
)
{%- endmacro %}
