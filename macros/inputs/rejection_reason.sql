{# Why a raw event is no event, null where it is one; the first reason that holds. #}
{% macro rejection_reason() -%}
case
    when event_id is null then 'missing_event_id'
    when event_name is null then 'missing_event_name'
    when occurred_at is null then 'missing_occurred_at'
    when event_count is null then 'invalid_event_count'
    when occurred_at > {{ add_time('day', 1, 'coalesce(received_at, ' ~ build_moment() ~ ')') }} then 'future_occurred_at'
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
