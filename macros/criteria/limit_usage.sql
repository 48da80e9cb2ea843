{# limit_usage: which share of a limit of its plan the account has used. #}

{% macro criterion__limit_usage__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'matching events, or the sum of a property, ÷ the limit of the plan held at the start of the day',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar'],
        'options': {
            'limit': {'is': 'text', 'required': true},
            'property': {'is': 'text'},
            'at_least': {'is': 'positive_number', 'required': true},
        },
    }) %}
{% endmacro %}

{% macro criterion__limit_usage__settings(criterion) %}
    {% do return({'is_additive': true, 'observes_base': true, 'min_base': 0.000001, 'reads_property': criterion.property | default(none), 'attribute': 'plan'}) %}
{% endmacro %}

{% macro criterion__limit_usage__spans(criterion, inputs) -%}
select * from ({{ additive_spans(criterion, inputs) | indent(4) }}) as used
union all
select
    plans.account_id,
    plans.held_from_on as starts_on,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    plans.held_to_on as ends_on,
    0 as amount,
    limits.limit_value as base
from {{ inputs.plans }} as plans
inner join {{ inputs.plan_limits }} as limits on plans.plan = limits.plan
where limits.limit_name = {{ text_literal(criterion.limit) }}
{%- endmacro %}

{% macro criterion__limit_usage__reason(criterion) %}
    {% do return('{percent} of the ' ~ spoken(criterion.limit) ~ ' limit') %}
{% endmacro %}
