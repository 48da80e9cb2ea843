{# The events whose properties or moments some criterion reads: a list of names; none for every event. #}
{% macro detailed_event_names() %}
    {% set names = [] %}
    {% for criterion in pql_criteria('behaviour') if reads_events(criterion) %}
        {% if not criterion.events %}{% do return(none) %}{% endif %}
        {% do names.extend(criterion.events | reject('in', names) | list) %}
    {% endfor %}
    {% do return(names | sort) %}
{% endmacro %}

{% macro is_read_in_detail(event_name) %}
    {% set names = detailed_event_names() %}
    {% if names is none %}{% do return('1 = 1') %}{% endif %}
    {% do return(event_name ~ ' in (' ~ text_literals(names) ~ ')' if names else '1 = 0') %}
{% endmacro %}

{# A hash of which events those are. #}
{% macro details_version() %}
    {% do return(local_md5(tojson(detailed_event_names()))) %}
{% endmacro %}

{# Whether the last build kept the same events in detail. #}
{% macro details_are_kept() %}
    {% set settings = built_settings() %}
    {% do return(settings and settings.details == details_version()) %}
{% endmacro %}
