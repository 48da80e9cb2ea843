{#
    The measure of every criterion at as-of, and for some what it is divided by (`base`), the last day that counts for it
    (`counted_on`) and the run of days that ends there (`run`): rows (criterion_name, account_id, observed_value, …).
#}
{% macro all_observed(criteria, inputs) -%}
{%- for criterion in criteria %}
select
    {{ text_literal(criterion.name) }} as criterion_name,
    observed.account_id,
    cast(observed.observed_value as {{ type_measure() }}) as observed_value,
    cast({{ 'observed.base' if criterion.observes_base else 'null' }} as {{ type_measure() }}) as base,
    cast({{ 'observed.counted_on' if criterion.observes_days else 'null' }} as date) as counted_on,
    cast({{ 'observed.run' if criterion.observes_days else 'null' }} as {{ dbt.type_bigint() }}) as run
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
