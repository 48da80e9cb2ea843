{#
    A small world for the test of one criterion type. Account `acme` signed up on Monday 2 March 2026 at 09:00 UTC, and
    that month is looked at as of its 15th day. `criterion` is written as in vars.yml; the test gives the days of March
    at whose end the criterion must be met, and its rows are the days on which the engine thinks otherwise.
#}
{% macro criterion_case(criterion, met_on, events=[], attributes=[], plans=[], limits=[], members={}) -%}
{%- set checked = checked_case(criterion, members) -%}
with usage as (
    {{ case_events(events) | indent(4) }}
),
events as (
    select
        account_id,
        user_id,
        event_name,
        {{ property_columns([checked], 'usage') | indent(8) }}
        local_date,
        occurred_at,
        events
    from usage
),
accounts as (
    select
        'acme' as account_id,
        'UTC' as local_time_zone,
        cast('2026-03-02 09:00:00' as {{ dbt.type_timestamp() }}) as signed_up_at,
        cast('2026-03-02' as date) as signed_up_on,
        cast('2026-03-15 23:59:59' as {{ dbt.type_timestamp() }}) as as_of,
        cast('2026-03-15' as date) as as_of_on
),
attributes as (
    {{ case_attributes(attributes) | indent(4) }}
),
attribute_days as (
    {{ case_attribute_days(plans, attributes) | indent(4) }}
),
billing_dates as (
    select
        account_id,
        attribute,
        {{ day_of_month('local_date') }} as billing_day,
        greatest(cast(valid_from as date), cast('2026-03-02' as date)) as known_on
    from attributes
    where local_date is not null
),
plan_limits as (
    {{ case_limits(limits) | indent(4) }}
),
members as (
    {{ case_members(members) | indent(4) }}
),
days as (
    select {{ add_days("cast('2026-03-01' as date)", 'number') }} as local_date, number + 1 as day
    from ({{ numbers(15) }}) as numbers
),
met as (
    {{ case_met_days(checked) | indent(4) }}
)
select days.local_date, met.day is not null as is_met, days.day in ({{ (met_on or [0]) | join(', ') }}) as must_be_met
from days
left join met on days.day = met.day
where (met.day is not null) <> (days.day in ({{ (met_on or [0]) | join(', ') }}))
{%- endmacro %}

{# The criterion with its defaults, as the engine sees it; a faulty one stops the test. #}
{% macro checked_case(criterion, members) %}
    {% set written = [] %}
    {% for member in members %}{% do written.append({'name': member, 'type': 'event_count', 'at_least': 1}) %}{% endfor %}
    {% set config = dict(pql_raw_config(), pql_criteria=written + [dict(criterion, name='tested')], pql_definitions=[]) %}
    {% set names = {} %}
    {% for each in config.pql_criteria %}{% do names.update({each.name: each.type}) %}{% endfor %}
    {% set problems = criterion_problems(config.pql_criteria[-1], names, criterion_types(), 'criterion') %}
    {% if problems %}{% do exceptions.raise_compiler_error(problems | join('\n')) %}{% endif %}
    {% do return(pql_checked_config(config).criteria[-1]) %}
{% endmacro %}

{# The days at whose end the criterion is met, by the same macros that the models call. #}
{% macro case_met_days(criterion) -%}
{%- set inputs = {
    'usage': 'usage', 'events': 'events', 'accounts': 'accounts', 'attribute_days': 'attribute_days', 'plan_limits': 'plan_limits',
    'billing_dates': 'billing_dates',
    'attributes': 'attributes', 'attribute_dates': 'attributes', 'episodes': 'members',
} -%}
{%- if criterion.kind == 'behaviour' -%}
select days.day
from days
inner join ({{ criterion_macro(criterion.type, 'spans')(criterion, inputs) | indent(4) }}) as spans
    on spans.starts_on <= days.local_date
    and (spans.ends_on is null or spans.ends_on > days.local_date)
group by days.day
having
    {%- if criterion.min_base %}
    sum(spans.base) >= {{ number_literal(criterion.min_base) }}
    and sum(spans.amount) >= {{ number_literal(criterion.reach) }} * sum(spans.base)
    {%- else %}
    sum(spans.amount) >= {{ number_literal(criterion.reach) }}
    {%- endif %}
{%- elif criterion.kind == 'interval' -%}
select distinct days.day
from days
inner join ({{ criterion_macro(criterion.type, 'intervals')(criterion, inputs) | indent(4) }}) as intervals
    on coalesce(intervals.started_on, cast('2026-03-02' as date)) <= days.local_date
    and coalesce(cast(intervals.started_at as date), cast('2026-03-02' as date)) <= days.local_date
    and (intervals.ended_on is null or intervals.ended_on > days.local_date)
    and (intervals.ended_at is null or cast(intervals.ended_at as date) > days.local_date)
where days.day >= 2
{%- else -%}
select days.day
from days
inner join ({{ combination_changes([criterion], 'members', inputs) | indent(4) }}) as changes
    on cast(changes.changed_at as date) <= days.local_date
group by days.day
having sum(changes.change) >= {{ number_literal(criterion.reach) }}
{%- endif -%}
{%- endmacro %}

{# Events as [day of March, hour, event, user, properties, how many]; the last three may be left out. #}
{% macro case_events(events) -%}
{%- for event in events or [[1, 0, 'before sign-up']] %}
{%- set day, hour, name = event[0], event[1], event[2] %}
select
    'acme' as account_id,
    {{ text_literal(event[3] | default('ann')) }} as user_id,
    {{ text_literal(name) }} as event_name,
    cast('2026-03-{{ '%02d' % day }}' as date) as local_date,
    cast('2026-03-{{ '%02d %02d' % (day, hour) }}:00:00' as {{ dbt.type_timestamp() }}) as occurred_at,
    cast('2026-03-{{ '%02d %02d' % (day, hour) }}:00:00' as {{ dbt.type_timestamp() }}) as first_event_at,
    {{ event[5] | default(1) }} as events,
    {{ text_literal(tojson(event[4])) if event[4] else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as properties
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# An attribute's values as [attribute, value, first day of March, day it ends]; a date is also read as one. #}
{% macro case_attributes(attributes) -%}
{%- for name, value, from, to in attributes or [['none', '', 1, 2]] %}
select
    'acme' as account_id,
    {{ text_literal(name) }} as attribute,
    {{ text_literal(value) }} as value,
    cast('2026-03-{{ '%02d' % from }}' as {{ dbt.type_timestamp() }}) as valid_from,
    cast('2026-03-{{ '%02d' % to }}' as {{ dbt.type_timestamp() }}) as valid_to,
    cast({{ text_to_timestamp(text_literal(value)) }} as date) as local_date
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# Plans held as [plan, first day of March, day it ends], and the attributes. #}
{% macro case_attribute_days(plans, attributes) -%}
{%- set held = [] -%}
{%- for plan, from, to in plans %}{% do held.append(['plan', plan, from, to]) %}{% endfor -%}
{%- for name, value, from, to in held + attributes or [['none', 'none', 1, 2]] %}
select
    'acme' as account_id,
    {{ text_literal(name) }} as attribute,
    {{ text_literal(value) }} as value,
    cast('2026-03-{{ '%02d' % from }}' as date) as held_from_on,
    cast('2026-03-{{ '%02d' % to }}' as date) as held_to_on
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# Limits as [plan, limit, value]. #}
{% macro case_limits(limits) -%}
{%- for plan, name, value in limits or [['nobody', 'none', 1]] %}
select {{ text_literal(plan) }} as plan, {{ text_literal(name) }} as limit_name, {{ value }} as limit_value
{{ 'union all' if not loop.last }}
{%- endfor %}
{%- endmacro %}

{# Episodes of the criteria that a combination is made of, as {name: [first day of March, day it ends]}. #}
{% macro case_members(members) -%}
{%- for name, days in members.items() %}
select
    {{ text_literal(name) }} as criterion_name,
    'acme' as account_id,
    cast('2026-03-{{ '%02d' % days[0] }}' as {{ dbt.type_timestamp() }}) as started_at,
    cast('2026-03-{{ '%02d' % days[1] }}' as {{ dbt.type_timestamp() }}) as ended_at
{{ 'union all' if not loop.last }}
{%- else %}
select '' as criterion_name, '' as account_id, cast(null as {{ dbt.type_timestamp() }}) as started_at, cast(null as {{ dbt.type_timestamp() }}) as ended_at
{{ no_rows() }}
{%- endfor %}
{%- endmacro %}
