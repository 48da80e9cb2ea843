{#
    Why a raw event is no event: {reason: its condition}. The first that holds is the reason. What hangs on the clock is
    known to is_judged_otherwise_now() and was_ever_accepted() as well (verdicts.sql).
#}
{% macro rejection_reasons() %}
    {% do return({
        'missing_event_id': 'event_id is null',
        'missing_event_name': 'event_name is null',
        'missing_occurred_at': 'occurred_at is null',
        'invalid_event_count': 'event_count is null',
        'future_occurred_at': 'occurred_at > ' ~ add_time('day', 1, 'coalesce(received_at, ' ~ build_moment() ~ ')'),
    }) %}
{% endmacro %}

{# The reason, null where the row is an event. #}
{% macro rejection_reason() -%}
case
    {%- for reason, condition in rejection_reasons().items() %}
    when {{ condition }} then '{{ reason }}'
    {%- endfor %}
end
{%- endmacro %}

{#
    How many events a row stands for, from text: one where nothing is said, a whole number above 0 where one is; null where
    it is anything else. A billion is the most, so that no sum overflows.
#}
{% macro count_of_events(text) -%}
{%- set number = text_to_number(text) -%}
case
    when {{ text }} is null then 1
    when {{ number }} between 1 and 1000000000 and {{ number }} = floor({{ number }}) then cast({{ number }} as bigint)
end
{%- endmacro %}
