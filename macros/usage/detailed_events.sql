{#
    Criteria that read a property or the order of moments need events one by one; `int_detailed_events` keeps those, with
    each property that some criterion reads in a column of its own, so that none reads JSON again.
#}

{#
    What criteria ask of events: a list of mappings of `events`, `where`, `where_not` and `reads_property`. A criterion is
    one itself, unless its settings give `asks`, a list of several.
#}
{% macro asks_of(criteria) %}
    {% set asks = [] %}
    {% for criterion in criteria %}{% do asks.extend(criterion.asks or [criterion]) %}{% endfor %}
    {% do return(asks) %}
{% endmacro %}

{# The events that are asked for: a list of names; none for every event. #}
{% macro event_names_of(asks) %}
    {% set names = [] %}
    {% for ask in asks %}
        {% if not ask.events %}{% do return(none) %}{% endif %}
        {% do names.extend(ask.events | reject('in', names) | list) %}
    {% endfor %}
    {% do return(names | sort) %}
{% endmacro %}

{% macro is_among(event_name, names) %}
    {% if names is none %}{% do return('true') %}{% endif %}
    {% do return(event_name ~ ' in (' ~ text_literals(names) ~ ')' if names else 'false') %}
{% endmacro %}

{# Whether daily usage does not tell enough: a property, a filter or the order of moments is asked for. #}
{% macro reads_events(ask) %}
    {% do return(properties_of(ask) or ask.needs_moments) %}
{% endmacro %}

{# The properties that are asked for. #}
{% macro properties_of(ask) %}
    {% do return((ask.where or {}) | list + (ask.where_not or {}) | list + ([ask.reads_property] if ask.reads_property else [])) %}
{% endmacro %}

{% macro detailed_event_names() %}
    {% set asks = [] %}
    {% for ask in asks_of(pql_criteria('behaviour')) if reads_events(ask) %}{% do asks.append(ask) %}{% endfor %}
    {% do return(event_names_of(asks)) %}
{% endmacro %}

{# The properties that criteria read, each with the events of which they read it: {property: names or none}. #}
{% macro properties_read(criteria) %}
    {% set readers, read = {}, {} %}
    {% for ask in asks_of(criteria) %}
        {% for property in properties_of(ask) %}
            {% do readers.setdefault(property | string, []).append(ask) %}
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
    {% do return(kept and values_of(kept, 'details_version', 'true') == [details_version()]) %}
{% endmacro %}
