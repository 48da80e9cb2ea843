{# table: any table of events, with `columns` saying which of its columns is which of ours. #}

{% macro event_source__table__spec() %}
    {% do return({
        'title': 'Any table',
        'reads': 'one table of events; `columns` says which of its columns is which of ours',
        'tables': {'events': {'is': 'one row per event', 'required': true}},
        'notes': 'Columns not named ours nor mapped are the properties, unless there is a column `properties`. Clocks may be epochs.',
        'facts': own_facts(),
    }) %}
{% endmacro %}

{% macro event_source__table(source) -%}
{%- set found = source_table(source, 'events', required=true) -%}
{{ event_rows(source, [{'found': found, 'fields': dict(own_fields(), properties='rest')}]) }}
{%- endmacro %}
