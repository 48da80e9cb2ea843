{# What sales can answer to a PQL. #}
{% macro sales_dispositions() %}
    {% do return(['accepted', 'working', 'rejected', 'recycled', 'won', 'lost']) %}
{% endmacro %}
