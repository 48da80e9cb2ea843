{# Variables called pql_… that nobody reads: most likely misspelled, so that what they say would be lost in silence. #}
{% macro unknown_variable_problems() %}
    {% set known, problems = pql_raw_config().keys() | list + ['pql_source_schema'], [] %}
    {% for name in written_variables() if name[:4] == 'pql_' and name not in known %}
        {% do problems.append("unknown variable '" ~ name ~ "'. Known: " ~ known | sort | join(', ')) %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}

{# The names of all variables. dbt cannot list them; its `ref` carries them, and where it does not there are none to judge. #}
{% macro written_variables() %}
    {% set names, packages = [], [project_name, 'pql_warehouse'] %}
    {% set project = ref.config.vars.vars if ref.config and ref.config.vars else {} %}
    {% for written in [project, project[packages[0]], project[packages[1]], ref.config.cli_vars] if written is mapping %}
        {% for name in written if name is string and name not in packages %}{% do names.append(name) %}{% endfor %}
    {% endfor %}
    {% do return(names | unique | list) %}
{% endmacro %}
