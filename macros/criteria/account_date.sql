{# account_date: today lies between two days counted from a date of the account, such as the end of its trial. #}

{% macro criterion__account_date__spec() %}
    {% do return({
        'kind': 'interval',
        'measure': 'whether today lies from `from_days` to `to_days` days after the date',
        'options': {
            'attribute': {'is': 'text', 'required': true},
            'from_days': {'is': 'integer'},
            'to_days': {'is': 'integer'},
        },
    }) %}
{% endmacro %}

{% macro criterion__account_date__faults(criterion) %}
    {% if 'from_days' not in criterion and 'to_days' not in criterion %}
        {% do return(["needs 'from_days', 'to_days' or both"]) %}
    {% elif 'from_days' in criterion and 'to_days' in criterion and criterion.from_days > criterion.to_days %}
        {% do return(["'from_days' must not be after 'to_days', got " ~ criterion.from_days ~ ' and ' ~ criterion.to_days]) %}
    {% endif %}
    {% do return([]) %}
{% endmacro %}

{% macro criterion__account_date__settings(criterion) %}
    {% do return({'threshold': 1}) %}
{% endmacro %}

{% macro criterion__account_date__intervals(criterion, inputs) -%}
select
    account_id,
    valid_from as started_at,
    {{ add_days('local_date', criterion.from_days) if 'from_days' in criterion else 'cast(null as date)' }} as started_on,
    valid_to as ended_at,
    {{ add_days('local_date', criterion.to_days + 1) if 'to_days' in criterion else 'cast(null as date)' }} as ended_on
from {{ inputs.attribute_dates }}
where attribute = {{ text_literal(criterion.attribute) }}
    and local_date is not null
{%- endmacro %}

{% macro criterion__account_date__observed(criterion, inputs) -%}
{{ met_as_observed(criterion, inputs) }}
{%- endmacro %}

{% macro criterion__account_date__reason(criterion) %}
    {% set date, from, to = date_phrase(criterion.attribute), criterion.from_days, criterion.to_days %}
    {% if from is undefined %}
        {% do return('until ' ~ (days_phrase(to) ~ (' before ' if to < 0 else ' after ') ~ date if to else 'the day of ' ~ date)) %}
    {% elif to is undefined %}
        {% do return('from ' ~ (days_phrase(from) ~ (' before ' if from < 0 else ' after ') ~ date if from else 'the day of ' ~ date)) %}
    {% elif from < 0 and to == 0 %}
        {% do return(date ~ ' within ' ~ days_phrase(from)) %}
    {% elif from == 0 and to > 0 %}
        {% do return('within ' ~ days_phrase(to) ~ ' after ' ~ date) %}
    {% elif from > 0 or to < 0 %}
        {% do return(from | abs ~ ' to ' ~ days_phrase(to) ~ (' after ' if from > 0 else ' before ') ~ date) %}
    {% endif %}
    {% do return((days_phrase(from) ~ ' before to ' ~ days_phrase(to) ~ ' after ' if from else 'the day of ') ~ date) %}
{% endmacro %}
