{# heartbeat: an adapter of this project: one technical event a day and workspace, which counts for nothing. #}

{% macro event_source__heartbeat__spec() %}
    {% do return({
        'title': 'Heartbeat',
        'reads': 'the log of the app',
        'tables': {'events': {'is': 'one row per action', 'required': true}},
        'uncounted_events': ['beat'],
    }) %}
{% endmacro %}

{% macro event_source__heartbeat(source) -%}
{{ pql_warehouse.event_rows(source, [{
    'found': pql_warehouse.source_table(source, 'events', required=true),
    'fields': {
        'event_id': {'sql': "concat('beat-', cast(id as " ~ dbt.type_string() ~ "))"},
        'occurred_at': ['happened_at'],
        'event_name': {'sql': "'beat'"},
        'account_id': ['workspace'],
    },
}]) }}
{%- endmacro %}
