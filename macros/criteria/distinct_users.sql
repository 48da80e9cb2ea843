{# distinct_users: how many different users had a matching event. #}

{% macro criterion__distinct_users__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'distinct users with a matching event',
        'windows': ['lifetime', 'last_days', 'first_days', 'calendar', 'billing'],
        'is_measure': true,
    }) %}
{% endmacro %}

{% macro criterion__distinct_users__spans(criterion, inputs) -%}
{{ distinct_spans(criterion, inputs, "nullif(user_id, '')") }}
{%- endmacro %}

{% macro criterion__distinct_users__reason(criterion) %}
    {% set users = counted('user') %}
    {% set what = users ~ ' with ' ~ events_phrase(criterion) if is_narrowed(criterion) else 'active ' ~ users %}
    {% do return('{value} ' ~ what ~ window_phrase(criterion)) %}
{% endmacro %}

{% macro criterion__distinct_users__counts(part, form) %}
    {% set users = 'user' if form == 'one' else 'users' %}
    {% do return(users ~ ' with ' ~ events_phrase(part) if is_narrowed(part) else 'active ' ~ users) %}
{% endmacro %}
