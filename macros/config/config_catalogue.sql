{# What the configuration may hold, as the checks themselves know it: for the JSON Schema that editors read. #}
{% macro config_catalogue() %}
    {% set types, sources, measures = {}, {}, {} %}
    {% for type in criterion_types() %}{% do types.update({type: criterion_spec(type)}) %}{% endfor %}
    {% for type in measure_types() %}{% do measures.update({type: criterion_macro(type, 'spec')().options or {}}) %}{% endfor %}
    {% for variable in source_kinds() %}
        {% set options = {} %}
        {% for adapter in adapters(variable) %}
            {% set spec = adapter_spec(variable, adapter) %}
            {% do options.update({adapter: {'reads': spec.reads, 'options': adapter_options(variable, spec)}}) %}
        {% endfor %}
        {% do sources.update({variable: options}) %}
    {% endfor %}
    {% do return({
        'types': types, 'measures': measures, 'definition': definition_keys(), 'sources': sources,
        'settings': crm_settings(), 'ignored_events': ignored_event_keys(), 'variables': pql_raw_config() | list + ['pql_source_schema'],
        'input_models': all_inputs() | list, 'encodings': file_encodings(), 'dispositions': sales_dispositions(),
        'weekdays': weekday_names(),
    }) %}
{% endmacro %}
