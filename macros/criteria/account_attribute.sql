{# account_attribute: an attribute of the account fits, such as its industry or its number of employees. #}

{% macro criterion__account_attribute__spec() %}
    {% do return({
        'kind': 'interval',
        'measure': 'whether the value fits: `in`, `not_in`, `at_least`, `at_most`; a null never fits',
        'options': {
            'attribute': {'is': 'text', 'required': true},
            'in': {'is': 'scalars'},
            'not_in': {'is': 'scalars'},
            'at_least': {'is': 'positive_number'},
            'at_most': {'is': 'positive_number'},
        },
    }) %}
{% endmacro %}

{% macro criterion__account_attribute__faults(criterion) %}
    {% set tests = ['in', 'not_in', 'at_least', 'at_most'] | select('in', criterion) | list %}
    {% if not tests %}
        {% do return(["needs at least one of 'in', 'not_in', 'at_least', 'at_most'"]) %}
    {% elif 'at_least' in tests and 'at_most' in tests and criterion.at_least > criterion.at_most %}
        {% do return(["'at_least' must not be above 'at_most', got " ~ criterion.at_least ~ ' and ' ~ criterion.at_most]) %}
    {% endif %}
    {% do return([]) %}
{% endmacro %}

{% macro criterion__account_attribute__settings(criterion) %}
    {% do return({'threshold': criterion.at_least | default(1), 'is_number': 'at_least' in criterion}) %}
{% endmacro %}

{# Numbers compare as numbers, everything else as text. #}
{% macro attribute_in(values) -%}
{%- set numbers = values | select('number') | reject('boolean') | list -%}
{%- set texts = values | reject('in', numbers) | list -%}
(
    {%- if texts %}value in ({{ json_literals(texts) }}){% endif -%}
    {{ ' or ' if texts and numbers }}
    {%- if numbers %}coalesce({{ text_to_number('value') }} in ({{ number_literals(numbers) }}), false){% endif -%}
)
{%- endmacro %}

{% macro criterion__account_attribute__intervals(criterion, inputs) -%}
select
    account_id,
    valid_from as started_at,
    cast(null as date) as started_on,
    valid_to as ended_at,
    cast(null as date) as ended_on
from {{ inputs.attributes }}
where attribute = {{ text_literal(criterion.attribute) }}
    and value is not null
{%- if 'in' in criterion %}
    and {{ attribute_in(criterion['in']) }}
{%- endif %}
{%- if 'not_in' in criterion %}
    and not {{ attribute_in(criterion['not_in']) }}
{%- endif %}
{%- if 'at_least' in criterion %}
    and {{ text_to_number('value') }} >= {{ number_literal(criterion.at_least) }}
{%- endif %}
{%- if 'at_most' in criterion %}
    and {{ text_to_number('value') }} <= {{ number_literal(criterion.at_most) }}
{%- endif %}
{%- endmacro %}

{# The value itself where the criterion is a minimum, else whether it fits. #}
{% macro criterion__account_attribute__observed(criterion, inputs) -%}
{%- if criterion.is_number -%}
select attributes.account_id, {{ text_to_number('attributes.value') }} as observed_value
from {{ inputs.attributes }} as attributes
inner join {{ inputs.accounts }} as accounts on attributes.account_id = accounts.account_id
where attributes.attribute = {{ text_literal(criterion.attribute) }}
    and (attributes.valid_from is null or attributes.valid_from <= accounts.as_of)
    and (attributes.valid_to is null or attributes.valid_to > accounts.as_of)
{%- else -%}
{{ met_as_observed(criterion, inputs) }}
{%- endif -%}
{%- endmacro %}

{% macro criterion__account_attribute__reason(criterion) %}
    {% set name = spoken(criterion.attribute) %}
    {% if criterion.is_number %}
        {% do return('{value} ' ~ name if name.endswith('s') else name ~ ' {value}') %}
    {% elif 'at_most' in criterion %}
        {% do return(name ~ ' at most ' ~ criterion.at_most) %}
    {% elif 'in' in criterion %}
        {% do return(name ~ (' is ' ~ values_phrase(criterion['in']) if criterion['in'] | length <= 3 else ' fits')) %}
    {% endif %}
    {% do return(name ~ (' is not ' ~ values_phrase(criterion.not_in) if criterion.not_in | length <= 3 else ' fits')) %}
{% endmacro %}
