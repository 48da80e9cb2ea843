{# Drops the schema that scripts/preview_change.py builds into, and refuses any other. #}
{% macro drop_preview_schema() %}
    {% if target.schema[-12:] != '_pql_preview' %}
        {% do exceptions.raise_compiler_error("'" ~ target.schema ~ "' is not a schema of preview_change") %}
    {% endif %}
    {% do adapter.drop_schema(api.Relation.create(database=target.database, schema=target.schema)) %}
{% endmacro %}
