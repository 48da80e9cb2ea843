{# milestones: how many of a set of steps the account has done, in any order or in theirs. #}

{% macro criterion__milestones__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'steps done; ordered: the length of the finished prefix',
        'windows': ['lifetime', 'first_days'],
        'without': ['events'],
        'options': {
            'steps': {'is': 'texts', 'required': true, 'may_repeat': true},
            'ordered': {'is': 'boolean', 'default': false},
            'at_least': {'is': 'positive_integer'},
        },
    }) %}
{% endmacro %}

{% macro criterion__milestones__faults(criterion) %}
    {% set faults = [] %}
    {% if criterion.at_least and criterion.at_least > criterion.steps | length %}
        {% do faults.append("'at_least' must be at most the number of steps, " ~ criterion.steps | length ~ '; got ' ~ criterion.at_least) %}
    {% endif %}
    {% if not criterion.ordered and criterion.steps | unique(case_sensitive=true) | list | length < criterion.steps | length %}
        {% do faults.append("'steps' may repeat an event only with `ordered: true`") %}
    {% endif %}
    {% do return(faults) %}
{% endmacro %}

{% macro criterion__milestones__settings(criterion) %}
    {% do return({
        'threshold': criterion.at_least or criterion.steps | length,
        'events': criterion.steps | unique(case_sensitive=true) | list,
        'needs_moments': criterion.ordered,
    }) %}
{% endmacro %}

{% macro criterion__milestones__spans(criterion, inputs) -%}
with matches as (
    {{ matches(criterion, inputs) | indent(4) }}
),
{% for step in criterion.steps if criterion.ordered %}
step_{{ loop.index }} as (
    select matches.account_id, min(matches.local_date) as starts_on, min(matches.occurred_at) as started_at
    from matches
    {%- if not loop.first %}
    inner join step_{{ loop.index - 1 }} as previous
        on matches.account_id = previous.account_id
        and matches.occurred_at > previous.started_at
    {%- endif %}
    where matches.event_name = {{ text_literal(step) }}
    group by matches.account_id
),
{% endfor %}
done as (
    {%- if criterion.ordered %}
    {%- for step in criterion.steps %}
    select * from step_{{ loop.index }}{{ ' union all' if not loop.last }}
    {%- endfor %}
    {%- else %}
    select account_id, min(local_date) as starts_on, min(occurred_at) as started_at
    from matches
    group by account_id, event_name
    {%- endif %}
)
select account_id, starts_on, started_at, cast(null as date) as ends_on, 1 as amount, 0 as base
from done
{%- endmacro %}

{% macro criterion__milestones__reason(criterion) %}
    {% do return('{value} of ' ~ criterion.steps | length ~ ' steps done (' ~ verbatim(criterion.steps | map('replace', '_', ' ') | join(', ')) ~ ')') %}
{% endmacro %}
