{# growth: how many times as many matching events the last N days hold as the N days before. #}

{% macro criterion__growth__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'matching events in the last N days ÷ those in the N days before',
        'windows': ['last_days'],
        'options': {
            'window': {'is': 'window', 'required': true},
            'at_least': {'is': 'positive_number', 'required': true},
            'min_base': {'is': 'positive_integer', 'default': 1},
        },
    }) %}
{% endmacro %}

{% macro criterion__growth__settings(criterion) %}
    {% do return({'is_additive': true, 'observes_base': true, 'looks_back_days': 2 * criterion.window.last_days}) %}
{% endmacro %}

{# The days before count once they all lie after sign-up: an account's first days are no base. #}
{% macro criterion__growth__spans(criterion, inputs) -%}
{%- set days = criterion.window.last_days -%}
select * from ({{ additive_spans(criterion, inputs) | indent(4) }}) as current_days
union all
select
    account_id,
    starts_on,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    ends_on,
    0 as amount,
    base
from (
    select
        account_id,
        greatest({{ add_days('local_date', days) }}, {{ add_days('signed_up_on', 2 * days - 1) }}) as starts_on,
        {{ add_days('local_date', 2 * days) }} as ends_on,
        sum(events) as base
    from ({{ matches(criterion, inputs) | indent(8) }}) as matches
    group by account_id, signed_up_on, local_date
) as days_before
where starts_on < ends_on
{%- endmacro %}

{% macro criterion__growth__reason(criterion) %}
    {% do return(events_phrase(criterion, 'many', 'usage') ~ ' at {percent} of the ' ~ criterion.window.last_days ~ ' days before') %}
{% endmacro %}
