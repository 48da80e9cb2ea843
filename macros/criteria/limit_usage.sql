{# limit_usage: which share of a limit the account has used: one of its plan, or of its own, such as the seats it bought. #}

{% macro criterion__limit_usage__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'matching events, or another `measure` of them, ÷ the limit held at the start of the day: `limit` of the plan, or `limit_attribute` of the account',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing'],
        'options': {
            'limit': {'is': 'text'},
            'limit_attribute': {'is': 'text'},
            'measure': {'is': 'choice', 'of': ['event_count', 'event_sum', 'distinct_users', 'distinct_values']},
            'property': {'is': 'text'},
            'at_least': {'is': 'positive_number', 'required': true},
        },
    }) %}
{% endmacro %}

{% macro criterion__limit_usage__faults(criterion) %}
    {% set faults, measure = [], limited_measure(criterion) %}
    {% if ('limit' in criterion) == ('limit_attribute' in criterion) %}
        {% do faults.append("needs one of 'limit' (of the plan, in plan_limits) and 'limit_attribute' (of the account), got "
            ~ ('both' if criterion.limit else 'none')) %}
    {% endif %}
    {% set options = criterion_macro(measure, 'spec')().options or {} %}
    {% if options.property and not criterion.property %}
        {% do faults.append("'property' is missing: 'measure: " ~ measure ~ "' reads one") %}
    {% elif criterion.property and not options.property %}
        {% do faults.append("'measure: " ~ measure ~ "' reads no 'property'; take it out, or choose another measure") %}
    {% endif %}
    {% do return(faults) %}
{% endmacro %}

{% macro limited_measure(criterion) %}
    {% do return(criterion.measure or ('event_sum' if criterion.property else 'event_count')) %}
{% endmacro %}

{% macro criterion__limit_usage__settings(criterion) %}
    {% set part = measured_part(criterion, dict(criterion, measure=limited_measure(criterion))) %}
    {% do return({
        'is_additive': part.is_additive | default(false),
        'asks': [part],
        'observes_base': true,
        'min_base': 0.000001,
        'attribute': criterion.limit_attribute or 'plan',
        'reads_attribute_by_day': true,
        'is_share_of_limit': true,
    }) %}
{% endmacro %}

{% macro criterion__limit_usage__spans(criterion, inputs) -%}
{%- set part = criterion.asks | first -%}
select * from ({{ criterion_macro(part.type, 'spans')(part, inputs) | indent(4) }}) as used
union all
select
    held.account_id,
    held.held_from_on as starts_on,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    held.held_to_on as ends_on,
    0 as amount,
    {{ 'limits.limit_value' if criterion.limit else text_to_number('held.value') }} as base
from {{ inputs.attribute_days }} as held
{%- if criterion.limit %}
inner join {{ inputs.plan_limits }} as limits on held.value = limits.plan
where held.attribute = 'plan'
    and limits.limit_name = {{ text_literal(criterion.limit) }}
{%- else %}
where held.attribute = {{ text_literal(criterion.limit_attribute) }}
    and {{ text_to_number('held.value') }} > 0
{%- endif %}
{%- endmacro %}

{% macro criterion__limit_usage__reason(criterion) %}
    {% if criterion.limit %}{% do return('{percent} of the ' ~ spoken(criterion.limit) ~ ' limit') %}{% endif %}
    {% do return('{percent} of ' ~ spoken(criterion.limit_attribute)) %}
{% endmacro %}
