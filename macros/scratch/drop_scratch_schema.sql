{# Drops the schema that scripts/preview_change.py or scripts/verify.py builds into, and refuses any other. #}
{% macro drop_scratch_schema() %}
    {% if not target.schema.endswith('_pql_preview') and not target.schema.endswith('_pql_verify') %}
        {% do exceptions.raise_compiler_error("'" ~ target.schema ~ "' is not a schema of preview_change or verify") %}
    {% endif %}
    {% do adapter.drop_schema(api.Relation.create(database=target.database, schema=target.schema)) %}
{% endmacro %}
