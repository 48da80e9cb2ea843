{# Variables called pql_… that nobody reads: most likely misspelled, so that what they say would be lost in silence. #}
{% macro unknown_variable_problems() %}
    {% set known, problems = pql_raw_config().keys() | list + ['pql_source_schema'], [] %}
    {% for name in written_variables() if name[:4] == 'pql_' and name not in known %}
        {% do problems.append("unknown variable '" ~ name ~ "'. Known: " ~ known | sort | join(', ')) %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}
