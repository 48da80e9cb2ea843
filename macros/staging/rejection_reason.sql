{# Why a raw event is no event, null where it is one; the first reason that holds. #}
{% macro rejection_reason() -%}
case
    when event_id is null then 'missing_event_id'
    when event_name is null then 'missing_event_name'
    when occurred_at is null then 'missing_occurred_at'
    when occurred_at > {{ add_time('day', 1, 'coalesce(received_at, ' ~ build_moment() ~ ')') }} then 'future_occurred_at'
end
{%- endmacro %}
