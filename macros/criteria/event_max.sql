{# event_max: the largest number that a matching event carries. It is reached when one event reaches it. #}

{% macro criterion__event_max__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'maximum of a numeric property of matching events',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing'],
        'options': {
            'property': {'is': 'text', 'required': true},
            'at_least': {'is': 'positive_number', 'required': true},
        },
    }) %}
{% endmacro %}

{% macro criterion__event_max__settings(criterion) %}
    {% do return({'reach': 1, 'reads_property': criterion.property}) %}
{% endmacro %}

{# `at_least` is positive, so that whatever reaches it counts. #}
{% macro criterion__event_max__spans(criterion, inputs) -%}
select
    account_id,
    counts_from as starts_on,
    {{ moment_of_start() }} as started_at,
    counts_until as ends_on,
    1 as amount,
    0 as base
from ({{ matches(criterion, inputs) | indent(4) }}) as matches
where {{ text_to_number('property_value') }} >= {{ number_literal(criterion.at_least) }}
group by account_id, local_date, counts_from, counts_until
{%- endmacro %}

{% macro criterion__event_max__observed(criterion, inputs) -%}
select matches.account_id, max({{ increment(criterion) }}) as observed_value
from ({{ matches(criterion, inputs) | indent(4) }}) as matches
inner join {{ inputs.accounts }} as accounts on matches.account_id = accounts.account_id
where matches.counts_from <= accounts.as_of_on
    and (matches.counts_until is null or matches.counts_until > accounts.as_of_on)
group by matches.account_id
{%- endmacro %}

{% macro criterion__event_max__reason(criterion) %}
    {% do return('{value} ' ~ spoken(criterion.property) ~ ' in one ' ~ events_phrase(criterion, 'one', 'event') ~ window_phrase(criterion)) %}
{% endmacro %}
