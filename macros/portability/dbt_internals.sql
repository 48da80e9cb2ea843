{#
    What rests on the inside of dbt, which it does not promise to keep: each with its reason. Nothing else in macros/ looks
    behind what dbt documents, so that an upgrade of dbt is tried against this file.
#}

{#
    A mapping for what every node of a run asks for and none changes, so that it is worked out once. dbt gives all nodes
    the same `graph`; a program may run several times with one. While dbt parses, nothing is kept.
#}
{% macro memo(name) %}
    {% do return(graph.setdefault('pql_warehouse', {}).setdefault(invocation_id, {}).setdefault(name, {}) if execute else {}) %}
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

{# The models of this project that some models are made of. #}
{% macro ancestors_of(models) %}
    {% set found, waiting = [], models | list %}
    {% for id in waiting %}{# it grows while it is gone through #}
        {% for parent in graph.nodes[id].depends_on.nodes if parent.startswith('model.pql_warehouse.') and parent not in found %}
            {% do found.append(parent) %}
            {% do waiting.append(parent) %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{# Of the macros of this project, which models are made of, and the adapters and criterion types of the user's own. #}
{% macro checksums_of_macros() %}
    {% set found = [] %}
    {% for package in ['pql_warehouse', project_name] | unique %}
        {% for name, macro in (context[package] or {}).items() if package == 'pql_warehouse' or modules.re.match('([a-z]+_source|criterion)__', name) %}
            {% do found.append(local_md5(macro.macro.macro_sql)) %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#
    Tables on Spark take other ways than the adapter's, which knows none of our strategies and leaves a reader without the
    table while it is made (spark_tables.sql). Models of a host, and of strategies that are not ours, keep the adapter's.
#}
{% materialization table, adapter='spark', supported_languages=['sql', 'python'] %}
    {% if not is_made_our_way() %}{{ return(dbt.materialization_table_spark()) }}{% endif %}
    {{ run_hooks(pre_hooks) }}
    {% do spark_replaced_by(compiled_code) %}
    {% do spark_finished(config.get('grants')) %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{% materialization incremental, adapter='spark', supported_languages=['sql', 'python'] %}
    {% if not is_made_our_way() %}{{ return(dbt.materialization_incremental_spark()) }}{% endif %}
    {% set strategy, partition = config.get('incremental_strategy'), (config.get('partition_by') or [none])[0] %}
    {% set is_kept = is_incremental() and (strategy == 'append' or built_settings()) %}
    {{ run_hooks(pre_hooks) }}
    {% if not is_kept and partition %}
        {% do spark_filled_anew(partition) %}
    {% elif not is_kept %}
        {% do spark_replaced_by(compiled_code) %}
    {% elif strategy == 'append' %}
        {% set rows = spark_view_of_rows() %}
        {% call statement('main') %}{{ get_insert_into_sql(rows, this) }}{% endcall %}
    {% elif partition %}
        {% do spark_rewrite_partitions(adapter.get_incremental_strategy_macro(context, strategy), partition) %}
    {% else %}
        {% do spark_rewrite(adapter.get_incremental_strategy_macro(context, strategy)) %}
    {% endif %}
    {% do spark_finished(config.get('grants')) %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{#
    dbt takes no materialization of its own name from a package, unless the host hands it on: docs/package.md says how.
    Where a host on Spark does not, tables that builds rewrite in part are made anew by every build, with the same rows.
#}
{% macro host_hands_materializations_on() %}
    {% do return(project_name == 'pql_warehouse' or 'materialization_incremental_spark' in (context[project_name] or {})) %}
{% endmacro %}

{% macro is_made_our_way() %}
    {% set strategy = config.get('incremental_strategy') or 'append' %}
    {% do return(
        model.package_name == 'pql_warehouse' and model.language == 'sql'
        and (model.config.materialized != 'incremental' or strategy == 'append' or strategy.startswith('rewrite_'))
    ) %}
{% endmacro %}
