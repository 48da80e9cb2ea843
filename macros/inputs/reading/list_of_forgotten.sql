{# The table in which scripts/forget.py notes who is forgotten, made where it is missing; for inputs that are tables. #}
{% macro list_of_forgotten() %}
    {% set relation = raw_relation('forgotten') %}
    {% if not load_relation(relation) %}
        {% do make_table(relation, 'select * from (' ~ raw_input('forgotten', none) ~ ') as nobody') %}
    {% endif %}
    {% do return(relation) %}
{% endmacro %}
