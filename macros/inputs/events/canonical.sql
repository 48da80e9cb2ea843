{# canonical: events in our own columns, and what is read where no source is listed. #}

{% macro event_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `events` in our own columns',
        'tables': {'events': {'is': 'events in our own columns', 'required': true, 'known_by': ['event_id', 'occurred_at', 'event_name']}},
        'without': ['columns'],
        'facts': own_facts(),
    }) %}
{% endmacro %}

{# What tables in our own columns, or mapped to them, go by. #}
{% macro own_facts() %}
    {% set page = 'specification.md#2-inputs' %}
    {% do return({
        'key': {'is': '`event_id` agrees; the first received counts', 'page': page},
        'clock': {'is': '`occurred_at`; received at `received_at`', 'page': page},
        'identity': {'is': '`user_id`, else whom `anonymous_id` was last seen with; `account_id`, else the account of the user', 'page': page},
        'none': {'is': 'a row without id, name or time, from the future, or with an `event_count` that is no whole number above 0', 'page': page},
    }) %}
{% endmacro %}

{% macro event_source__canonical(source) -%}
{%- set found = canonical_input(source, 'events') -%}
{{ raw_input('events', found, [
    raw_text(found, 'occurred_at') ~ ' as occurred_at_text',
    placeholder_among(raw_ids(found)) ~ ' as placeholder_id',
    text_literal(source.name) ~ ' as event_source',
    file_of(found) ~ ' as batch_file',
]) }}
{%- endmacro %}

{# The ids of a row as they came. #}
{% macro raw_ids(found) %}
    {% set ids = [] %}
    {% for name in id_columns('events') if found and input_column(found, name) %}{% do ids.append(raw_text(found, name)) %}{% endfor %}
    {% do return(ids) %}
{% endmacro %}

{# The input of that name as it always was, or where the source says that it is. #}
{% macro canonical_input(source, table, required=true) %}
    {% if source.folder or source.schema or source.database or source.tables or source.models %}
        {% do return(source_table(source, table, required=true)) %}
    {% endif %}
    {% do return(product_input(table, required)) %}
{% endmacro %}
