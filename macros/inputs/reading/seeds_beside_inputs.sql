{#
    Stops before a seed is loaded over a table of the user's that a source reads. dbt_project.yml switches such a seed off
    where this is the whole project; as a package it does not know the variables of its host. Hooks are read while dbt
    parses, also those of a seed that is off.
#}
{% macro keep_off_inputs(seed) %}
    {% for variable, kind in source_kinds().items() if execute and not input_model(kind.input) %}
        {% for source in pql_sources(variable) %}
            {% for table in source.spec.tables if not source.models[table] and source_place(source, table).address == 'the table ' ~ seed %}
                {% do stop(
                    "The seed '" ~ seed.identifier ~ "' would be loaded over " ~ seed ~ ', which ' ~ source_label(source)
                    ~ ' reads. Nothing was touched. Switch it off in your dbt_project.yml:\n  seeds: {pql_warehouse: {'
                    ~ seed.identifier ~ ': {+enabled: false}}}'
                ) %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
