{# decayed_sum: use that counts less every day until it counts nothing, so that recent use weighs most. #}

{% macro criterion__decayed_sum__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'matching events, or the sum of a property, each × (N − age in days) ÷ N',
        'without': ['window'],
        'options': {
            'fades_over_days': {'is': 'days', 'required': true, 'at_most': 366},
            'property': {'is': 'text'},
            'at_least': {'is': 'positive_number', 'required': true},
        },
    }) %}
{% endmacro %}

{# Compared as amount × (N − age) against at_least × N, which is exact. #}
{% macro criterion__decayed_sum__settings(criterion) %}
    {% do return({
        'is_additive': true,
        'scale': criterion.fades_over_days,
        'threshold': criterion.at_least,
        'reach': criterion.at_least * criterion.fades_over_days,
        'looks_back_days': criterion.fades_over_days,
        'reads_property': criterion.property | default(none),
    }) %}
{% endmacro %}

{# A day's use adds N times its amount; on each day after, every amount not yet faded takes itself away once. #}
{% macro criterion__decayed_sum__spans(criterion, inputs) -%}
{%- set days = criterion.fades_over_days -%}
with used as (
    {{ additive_spans(dict(criterion, scale=none), inputs) | indent(4) }}
),
fading as (
    select account_id, {{ add_days('starts_on', 1) }} as local_date, amount from used
    union all
    select account_id, {{ add_days('starts_on', days + 1) }} as local_date, -amount as amount from used
),
fading_days as (
    select account_id, local_date, sum(amount) as amount
    from fading
    group by account_id, local_date
),
stretches as (
    select
        account_id,
        local_date,
        sum(amount) over (partition by account_id order by local_date rows unbounded preceding) as amount,
        lead(local_date) over (partition by account_id order by local_date) as next_date
    from fading_days
)
select account_id, starts_on, started_at, ends_on, amount * {{ days }} as amount, 0 as base
from used
union all
select
    stretches.account_id,
    {{ add_days('stretches.local_date', 'days.number') }} as starts_on,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    cast(null as date) as ends_on,
    -stretches.amount as amount,
    0 as base
from stretches
inner join ({{ numbers(days) }}) as days
    on days.number < {{ days_between('stretches.local_date', 'stretches.next_date') }}
where stretches.amount > 0
{%- endmacro %}

{# What has faded whole is as if it had never been: a build that goes on does not read it again. #}
{% macro criterion__decayed_sum__observed(criterion, inputs) -%}
select account_id, observed_value / {{ criterion.fades_over_days }} as observed_value
from ({{ criterion_default__observed(criterion, inputs) | indent(4) }}) as scaled
where observed_value > 0
{%- endmacro %}

{% macro criterion__decayed_sum__reason(criterion) %}
    {% set points = spoken(criterion.property) if criterion.property else counted('point') %}
    {% set use = events_phrase(criterion, 'many', 'use') %}
    {% do return(use ~ ' worth {value} ' ~ points ~ ', fading over ' ~ days_phrase(criterion.fades_over_days)) %}
{% endmacro %}
