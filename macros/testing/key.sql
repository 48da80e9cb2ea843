{# The columns together name every row once and are never null; neither are the columns that must be filled. #}
{% test key(model, columns, filled=[]) %}
select {{ columns | join(', ') }}, count(*) as copies
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
    {%- for column in filled %}
    or count({{ column }}) < count(*)
    {%- endfor %}
{% endtest %}

{# The key of a table that others read, under the name by which dbt and tools that read its manifest know a key. #}
{% test unique_combination_of_columns(model, combination_of_columns) %}
{{ pql_warehouse.test_key(model, combination_of_columns) }}
{% endtest %}
