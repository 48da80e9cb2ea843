{#
    Whether a raw row belongs to nobody who asked to be forgotten: `columns` says which of its columns is whose id,
    {column: 'user', 'account' or 'anonymous'}. Costs nothing while the list is empty.
#}
{% macro not_forgotten(columns) %}
    {% set conditions = [] %}
    {% for column, kind in columns.items() %}
        {% set hashes = [] %}
        {% for id in forgotten_ids(ref('pql_warehouse', 'stg_product__forgotten')) if id.startswith(kind ~ ' ') %}{% do hashes.append(id[kind | length + 1:]) %}{% endfor %}
        {% if hashes %}
            {% do conditions.append('(' ~ column ~ ' is null or ' ~ dbt.hash(column) ~ ' not in (' ~ text_literals(hashes) ~ '))') %}
        {% endif %}
    {% endfor %}
    {% do return(conditions | join(' and ') or 'true') %}
{% endmacro %}

{#
    Who asked to be forgotten, each as 'kind hash'. The first node that is made of the list reads it for the rest of the
    run; nodes before it, of which this run may not have made the list yet, read it for themselves.
#}
{% macro forgotten_ids(list) %}
    {% set known = memo('forgotten') %}
    {% if not list or not load_relation(list) %}{% do return([]) %}{% endif %}
    {% if list | string in known %}{% do return(known[list | string]) %}{% endif %}
    {% set ids = values_of(list, "concat(kind, ' ', id_hash)", 'true') %}
    {% if 'model.pql_warehouse.stg_product__forgotten' in model.depends_on.nodes %}{% do known.update({list | string: ids}) %}{% endif %}
    {% do return(ids) %}
{% endmacro %}
