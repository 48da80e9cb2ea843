{#
    Criteria that read a property or the order of moments need events one by one; `int_detailed_events` keeps those, with
    each property that some criterion reads in a column of its own, so that none reads JSON again.
#}

{# The events that criteria ask for: a list of names; none for every event. #}
{% macro event_names_of(criteria) %}
    {% set names = [] %}
    {% for criterion in criteria %}
        {% if not criterion.events %}{% do return(none) %}{% endif %}
        {% do names.extend(criterion.events | reject('in', names) | list) %}
    {% endfor %}
    {% do return(names | sort) %}
{% endmacro %}

{% macro is_among(event_name, names) %}
    {% if names is none %}{% do return('1 = 1') %}{% endif %}
    {% do return(event_name ~ ' in (' ~ text_literals(names) ~ ')' if names else '1 = 0') %}
{% endmacro %}

{# Whether daily usage does not tell enough: a property, a filter or the order of moments is asked for. #}
{% macro reads_events(criterion) %}
    {% do return(criterion.where or criterion.reads_property or criterion.needs_moments) %}
{% endmacro %}

{% macro detailed_event_names() %}
    {% set criteria = [] %}
    {% for criterion in pql_criteria('behaviour') if reads_events(criterion) %}{% do criteria.append(criterion) %}{% endfor %}
    {% do return(event_names_of(criteria)) %}
{% endmacro %}

{# The properties that criteria read, each with the events of which they read it: {property: names or none}. #}
{% macro properties_read(criteria) %}
    {% set readers, read = {}, {} %}
    {% for criterion in criteria %}
        {% for property in (criterion.where or {}) | list + [criterion.reads_property] if property %}
            {% do readers.setdefault(property | string, []).append(criterion) %}
        {% endfor %}
    {% endfor %}
    {% for property in readers | sort(case_sensitive=true) %}
        {% do read.update({property: event_names_of(readers[property])}) %}
    {% endfor %}
    {% do return(read) %}
{% endmacro %}

{# The column that holds a property as text; a hash, because a property may be called anything. #}
{% macro property_column(property) -%}
property_{{ local_md5(property | string)[:12] }}
{%- endmacro %}

{# Those columns, of events that have `properties`. #}
{% macro property_columns(criteria, events) -%}
{%- for property, names in properties_read(criteria).items() %}
case
    when {{ is_among(events ~ '.event_name', names) }} then {{ json_text(events ~ '.properties', property) }}
end as {{ property_column(property) }},
{%- endfor -%}
{%- endmacro %}

{# A hash of what is kept of which events. #}
{% macro details_version() %}
    {% do return(local_md5(tojson([detailed_event_names(), properties_read(pql_criteria('behaviour'))]))) %}
{% endmacro %}

{# Whether the table holds the same: a build by other criteria may have filled it, and been stopped. #}
{% macro details_are_kept() %}
    {% set kept = stored('int_detailed_events') if built_settings() else none %}
    {% do return(kept and values_of(kept, 'details_version', '1 = 1') == [details_version()]) %}
{% endmacro %}
