{# canonical: events in our own columns, and what is read where no source is listed. #}

{% macro event_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `events` in our own columns, which `columns` may call otherwise',
        'tables': {'events': {'is': 'events in our own columns', 'required': true, 'known_by': ['event_id', 'occurred_at', 'event_name']}},
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
{%- if source.columns -%}
{{ event_rows(source, [{'found': found, 'fields': own_fields()}]) }}
{%- else -%}
{{ raw_input('events', found, [
    raw_text(found, 'occurred_at') ~ ' as occurred_at_text',
    placeholder_among(raw_ids(found)) ~ ' as placeholder_id',
    text_literal(source.name) ~ ' as event_source',
    file_of(found) ~ ' as batch_file',
]) }}
{%- endif -%}
{%- endmacro %}

{# Every column of events where its own name says. #}
{% macro own_fields() %}
    {% set fields = {} %}
    {% for column in input_columns('events') %}{% do fields.update({column: [column]}) %}{% endfor %}
    {% do return(fields) %}
{% endmacro %}

{# The ids of a row as they came. #}
{% macro raw_ids(found) %}
    {% set ids = [] %}
    {% for name in id_columns('events') if found and input_column(found, name) %}{% do ids.append(raw_text(found, name)) %}{% endfor %}
    {% do return(ids) %}
{% endmacro %}

{# The input of that name as it always was, or where the source says that it is, under our names. #}
{% macro canonical_input(source, table, required=true) %}
    {% set is_elsewhere = source.folder or source.schema or source.database or source.tables or source.models %}
    {% set found = source_table(source, table, required=true) if is_elsewhere else product_input(table, required) %}
    {% if not found or table == 'events' or not (source.columns or source.attributes) %}{% do return(found) %}{% endif %}
    {% do return(mapped_input(source, table, dict(found, address=found.address or found['from']), {})) %}
{% endmacro %}
