{# A test of the user's own data: says its messages as warnings while it runs, and is the query itself. #}
{% macro warn_about(query, at_most=5) %}
    {% if execute and flags.WHICH in ['build', 'test'] %}
        {% for row in run_query('select message from (' ~ query ~ ') as found order by message limit ' ~ at_most).rows %}
            {% do exceptions.warn(row[0]) %}
        {% endfor %}
    {% endif %}
    {% do return(query) %}
{% endmacro %}
