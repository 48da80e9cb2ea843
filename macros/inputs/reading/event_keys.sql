{#
    The id of an event where the tracker's own does not tell events apart: it goes with a hash of what else the tracker
    compares, columns of ours or paths. The user's `columns` stand in the place of ours. One of the candidates of a field.
#}
{% macro id_with(source, found, fields, id, compared) %}
    {% if not found or not field_is_there(found, id) %}{% do return(id[0]) %}{% endif %}
    {% do return({'sql': dbt.concat([field(found, id, 'id'), "' '", hash_of(compared_values(source, found, fields, compared))])}) %}
{% endmacro %}

{# The id of an event that comes without one: a hash of what is known of it, the same whenever it is delivered. #}
{% macro made_id(source, found, fields, compared=none) %}
    {% if not found %}{% do return('event_id') %}{% endif %}
    {% do return({'sql': hash_of(compared_values(source, found, fields, compared or event_columns()))}) %}
{% endmacro %}

{# All that is known of an event but when it was received, which changes with every delivery. #}
{% macro event_columns() %}
    {% do return(['occurred_at', 'event_name', 'user_id', 'account_id', 'anonymous_id', 'properties']) %}
{% endmacro %}

{# The values that tell events of a source apart, each as text: a moment however it is written, properties in one order. #}
{% macro compared_values(source, found, fields, compared) %}
    {% set chosen, values = chosen_fields(source, {'found': found, 'fields': fields}), [] %}
    {% for part in compared %}
        {% if part is mapping %}
            {% do values.append(part.sql) %}
        {% elif part == 'properties' %}
            {% do values.append(ordered_json(event_value(found, chosen, part, 'text'))) %}
        {% elif part == 'occurred_at' %}
            {% do values.append('cast(' ~ field(found, chosen[part], 'timestamp') ~ ' as ' ~ dbt.type_string() ~ ')') %}
        {% else %}
            {% do values.append(field(found, chosen[part] if part in input_columns('events') else part)) %}
        {% endif %}
    {% endfor %}
    {% do return(values) %}
{% endmacro %}

{# Several texts as one hash; each goes with its length, so that none runs into the next. #}
{% macro hash_of(texts) %}
    {% set parts = [] %}
    {% for text in texts %}
        {% do parts.append('coalesce(cast(length(' ~ text ~ ') as ' ~ dbt.type_string() ~ "), '')") %}
        {% do parts.append("':'") %}
        {% do parts.append('coalesce(' ~ text ~ ", '')") %}
    {% endfor %}
    {% do return(dbt.hash(dbt.concat(parts))) %}
{% endmacro %}

{# The group of a path: the first where an event is in several, none where the list of them is empty. #}
{% macro group_at(found, path) %}
    {% if not found or not resolved_path(found, path) %}{% do return([path]) %}{% endif %}
    {% set group = field(found, path) %}
    {% do return([path ~ '.0', {'sql': 'case when ' ~ group ~ " not like '[%' then " ~ group ~ ' end'}]) %}
{% endmacro %}
