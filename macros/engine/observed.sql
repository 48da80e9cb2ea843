{# The measure of every criterion at as-of, as rows (criterion_name, account_id, observed_value). #}
{% macro all_observed(criteria, inputs) -%}
{%- for criterion in criteria %}
select
    {{ text_literal(criterion.name) }} as criterion_name,
    observed.account_id,
    cast(observed.observed_value as {{ type_measure() }}) as observed_value
from (
    {{ (combination_observed(criterion, inputs) if criterion.kind == 'combination'
        else criterion_macro(criterion.type, 'observed')(criterion, inputs)) | indent(4) }}
) as observed
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# The measure of a criterion that holds or not: 1 while it is met. #}
{% macro met_as_observed(criterion, inputs) -%}
select account_id, 1 as observed_value
from {{ inputs.episodes }}
where criterion_name = {{ text_literal(criterion.name) }}
    and ended_at is null
{%- endmacro %}
