{#
    Says which tests of ours look at a model of the host that is called as one of ours: dbt writes the references of tests
    in .yml files itself, without the package, and looks in the host first.
#}
{% macro warn_of_namesakes() %}
    {% set tests = [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'test' and node.package_name == 'pql_warehouse' and node.test_metadata %}
        {% for parent in node.depends_on.nodes if parent.split('.')[1] != 'pql_warehouse' %}{% do tests.append(node.name) %}{% endfor %}
    {% endfor %}
    {% if tests %}
        {% do say('Models of yours are called as ones of ours, and these tests of ours look at yours: ' ~ tests | join(', ')
            ~ '. Set `flags: {require_ref_searches_node_package_before_root: true}` in your dbt_project.yml, or rename your models.') %}
    {% endif %}
{% endmacro %}
