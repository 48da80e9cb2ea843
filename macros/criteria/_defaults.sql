{#
    What a type is taken to say that does not say it itself: each macro stands in for the part of its name, as in
    criterion__<type>__<part>. What each part takes and returns: `criterion_macro` in macros/config/_config.yml.
#}

{% macro criterion_default__faults(criterion) %}{% do return([]) %}{% endmacro %}

{% macro criterion_default__settings(criterion) %}{% do return({}) %}{% endmacro %}

{# The measure at as-of from the spans that hold then; a type with another measure brings its own. #}
{% macro criterion_default__observed(criterion, inputs) -%}
select
    spans.account_id,
    {% if criterion.min_base -%}
    case
        when sum(spans.base) >= {{ number_literal(criterion.min_base) }} then sum(spans.amount) / sum(spans.base)
        else 0
    end
    {%- else -%}
    sum(spans.amount)
    {%- endif %} as observed_value
    {%- if criterion.observes_base %},
    sum(spans.base) as base
    {%- endif %}
    {%- if criterion.observes_days %},
    max(spans.starts_on) as counted_on,
    null as run
    {%- endif %}
from {{ inputs.spans }} as spans
inner join {{ inputs.accounts }} as accounts on spans.account_id = accounts.account_id
where spans.criterion_name = {{ text_literal(criterion.name) }}
    and spans.starts_on <= accounts.as_of_on
    and (spans.ends_on is null or spans.ends_on > accounts.as_of_on)
group by spans.account_id
{%- endmacro %}

{# The criterion by its name. #}
{% macro criterion_default__reason(criterion) %}
    {% do return(spoken(criterion.name)) %}
{% endmacro %}

{# What a measure counts, in the form for `one` or `many`. #}
{% macro criterion_default__counts(part, form) %}
    {% do return(events_phrase(part, form, 'event' if form == 'one' else 'events')) %}
{% endmacro %}

{# A window over the first days must be open, and what a measure is divided by must be there. #}
{% macro criterion_default__outlook(criterion) %}
    {% set conditions = [] %}
    {% if criterion.window.first_days %}
        {% do conditions.append('coalesce(standing.as_of_on < ' ~ add_days('standing.signed_up_on', criterion.window.first_days) ~ ', true)') %}
    {% endif %}
    {% if criterion.observes_base %}
        {% do conditions.append('coalesce(standing.base >= ' ~ number_literal(criterion.min_base) ~ ', false)') %}
    {% endif %}
    {% set open = conditions | join(' and ') or 'true' %}
    {% do return({'ever': open, 'today': open ~ billing_date_is_known(criterion)}) %}
{% endmacro %}
