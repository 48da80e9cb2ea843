{# Drops the schemas that scripts/preview_change.py or scripts/verify.py builds into, and refuses any other. #}
{% macro drop_scratch_schema() %}
    {% if not target.schema.endswith('_pql_preview') and not target.schema.endswith('_pql_verify') %}
        {% do exceptions.raise_compiler_error("'" ~ target.schema ~ "' is not a schema of preview_change or verify") %}
    {% endif %}
    {% set schemas = [target.schema] %}
    {% for node in graph.nodes.values() if node.package_name == 'pql_warehouse' and (node.schema or '').startswith(target.schema) %}
        {% do schemas.append(node.schema) %}
    {% endfor %}
    {% for schema in schemas | unique %}
        {% do adapter.drop_schema(api.Relation.create(database=target.database, schema=schema)) %}
    {% endfor %}
{% endmacro %}
