{# ratio: how much of one kind of use falls on one unit of another, such as messages per active user. #}

{% macro criterion__ratio__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': '`of` on the day ÷ `per` on the day before; 0 while that is below `min_base`',
        'without': ['events', 'where', 'where_not', 'window'],
        'options': {
            'of': {'is': 'measure', 'required': true, 'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing']},
            'per': {'is': 'measure', 'required': true, 'windows': ['lifetime', 'last_days', 'first_days']},
            'at_least': {'is': 'positive_number', 'required': true},
            'min_base': {'is': 'positive_number', 'default': 1},
        },
    }) %}
{% endmacro %}

{# A calendar or billing month would let `per` fall to nothing on its first day. #}
{% macro criterion__ratio__faults(criterion) %}
    {% set window = (criterion.per.window or criterion.of.window) | default('lifetime', true) %}
    {% if window is mapping and window | first in ['calendar', 'billing'] %}
        {% do return(["'per' needs a 'window' of its own: lifetime, {last_days: N} or {first_days: N}; got " ~ written(window)]) %}
    {% endif %}
    {% do return([]) %}
{% endmacro %}

{% macro criterion__ratio__settings(criterion) %}
    {% set of = measured_part(criterion, criterion.of) %}
    {% set per = measured_part(criterion, dict(criterion.per, window=criterion.per.window or of.window)) %}
    {% set memories = [looks_back_days(of.window), looks_back_days(per.window)] %}
    {% set looks_back = none if none in memories else memories | max + 1 %}
    {% for part in [of, per] %}{% do part.update({'looks_back_days': looks_back}) %}{% endfor %}
    {% do return({
        'is_additive': of.is_additive | default(false),
        'asks': [of, per],
        'observes_base': true,
        'window': of.window,
        'looks_back_days': looks_back,
    }) %}
{% endmacro %}

{# `per` counts from the day after on, so that a day's ratio is decided by nothing of that day but `of`. #}
{% macro criterion__ratio__spans(criterion, inputs) -%}
{%- set of, per = criterion.asks -%}
select account_id, starts_on, started_at, ends_on, amount, 0 as base
from ({{ criterion_macro(of.type, 'spans')(of, inputs) | indent(4) }}) as counted
union all
select
    account_id,
    {{ add_days('starts_on', 1) }} as starts_on,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    {{ add_days('ends_on', 1) }} as ends_on,
    0 as amount,
    amount as base
from ({{ criterion_macro(per.type, 'spans')(per, inputs) | indent(4) }}) as counted_per
{%- endmacro %}

{# Where `of` counts days, one more day brings one more at most. #}
{% macro criterion__ratio__outlook(criterion) %}
    {% set outlook = criterion_default__outlook(criterion) %}
    {% do return(dict(outlook, today='false') if criterion.asks[0].observes_days else outlook) %}
{% endmacro %}

{% macro criterion__ratio__reason(criterion) %}
    {% set of, per = criterion.asks %}
    {% do return('{value} ' ~ part_phrase(of, 'many') ~ ' per ' ~ part_phrase(per, 'one') ~ window_phrase(criterion)) %}
{% endmacro %}
