{# A row that its system marks as deleted is none. #}
{% macro not_deleted(found) %}
    {% set flags = [] %}
    {% for column in ['is_deleted', 'IsDeleted', '_fivetran_deleted', 'archived', 'isArchived'] if column_like(found, column) %}
        {% do flags.append('coalesce(lower(' ~ field(found, column) ~ "), 'false') <> 'true'") %}
    {% endfor %}
    {% do return(flags | unique | join(' and ') or '1 = 1') %}
{% endmacro %}
