{#
    Whether a raw row belongs to nobody who asked to be forgotten: `columns` says which of its columns is whose id,
    {'user': column, 'account': column, 'anonymous': column}. Costs nothing while the list is empty.
#}
{% macro not_forgotten(columns) %}
    {% set conditions = [] %}
    {% for kind, column in columns.items() %}
        {% set hashes = values_of(ref('stg_product__forgotten'), 'id_hash', "kind = '" ~ kind ~ "'") %}
        {% if hashes %}
            {% do conditions.append('(' ~ column ~ ' is null or ' ~ dbt.hash(column) ~ ' not in (' ~ text_literals(hashes) ~ '))') %}
        {% endif %}
    {% endfor %}
    {% do return(conditions | join(' and ') or '1 = 1') %}
{% endmacro %}
