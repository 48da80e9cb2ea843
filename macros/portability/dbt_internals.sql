{#
    What rests on the inside of dbt, which it does not promise to keep: each with its reason. Nothing else in macros/ looks
    behind what dbt documents, so that an upgrade of dbt is tried against this file. What a trick is said to gain was measured
    by builds of all models on the inputs of tests/golden with one thread, where a build with something new takes 15.9 CPU
    seconds and one with nothing new 13.5.
#}

{#
    A mapping for what every node of a run asks for and none changes, so that it is worked out once. dbt gives all nodes
    the same `graph`; a program may run several times with one. While dbt parses, nothing is kept. Without it: 24.4 and 23.5.
#}
{% macro memo(name) %}
    {% do return(graph.setdefault('pql_warehouse', {}).setdefault(invocation_id, {}).setdefault(name, {}) if execute else {}) %}
{% endmacro %}

{#
    dbt v2 (Fusion). It lists no macros, knows no time zone, and looks at other connections for the new rows of a table, so that
    there every build is a whole one.
#}
{% macro is_dbt_v2() %}{% do return(dbt_version.split('.')[0] != '1') %}{% endmacro %}

{# The names of all macros: criterion types, adapters and CRMs are found by theirs. dbt v2 is told them. #}
{% macro macro_names() %}
    {% do return(our_macro_names() + (var('pql_own_macros', none) or []) if is_dbt_v2() else context) %}
{% endmacro %}

{% macro has_macro(name) %}{% do return(name in macro_names()) %}{% endmacro %}

{# The names of all time zones; dbt v2 is told them. #}
{% macro time_zone_names() %}
    {% do return(known_time_zone_names() if is_dbt_v2() else modules.pytz.all_timezones) %}
{% endmacro %}

{% macro is_under_contract() %}{% do return((config.get('contract') or {}).enforced) %}{% endmacro %}

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
    {% set found = [] %}
    {% for id in models %}{% do add_ancestors(id, found) %}{% endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro add_ancestors(model, found) %}
    {% for parent in graph.nodes[model].depends_on.nodes if parent.startswith('model.pql_warehouse.') %}
        {% if parent not in found %}
            {% do found.append(parent) %}
            {% do add_ancestors(parent, found) %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{# Of the macros of this project, which models are made of, and the adapters and criterion types of the user's own. #}
{% macro checksums_of_macros() %}
    {% set found = [] %}
    {% for package in (['pql_warehouse', project_name] if not is_dbt_v2() else []) | unique %}
        {% for name, macro in (context[package] or {}).items() if package == 'pql_warehouse' or modules.re.match('([a-z]+_source|criterion)__', name) %}
            {% do found.append(local_md5(macro.macro.macro_sql)) %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#
    A table or view on DuckDB, dropped and created in one transaction: nobody sees it missing and a failed build leaves
    the old one. The adapter's own way creates it under another name, renames the old one and the new one, looks for
    indexes and foreign keys and drops the old one in a second transaction, which costs more than most of ours take to
    build; nor does it leave a table as it is. With the adapter's way: 18.9 and 19.2.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {{ return({'relations': [replaced_relation('table')]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return({'relations': [replaced_relation('view')]}) }}
{% endmaterialization %}

{#
    A table that builds add to or rewrite in part, on DuckDB. The adapter's own way keeps the new rows as a temporary table
    until the run ends, and asks four times which columns there are, which costs no time that can be measured. It is left
    to a table whose columns change, to other strategies, and to MotherDuck, where no table is temporary.
#}
{% materialization incremental, adapter='duckdb', supported_languages=['sql'] %}
    {% set strategy = config.get('incremental_strategy') or '' %}
    {% set is_ours = strategy == 'append' or strategy.startswith('rewrite_') %}
    {% do note_rewriting(true) %}
    {% if is_ours and not is_dbt_v2() and is_incremental() and not adapter.is_motherduck() and has_its_columns() %}
        {{ return({'relations': [rewritten_relation()]}) }}
    {% endif %}
    {{ return(dbt.materialization_incremental_duckdb()) }}
{% endmaterialization %}

{#
    What is said of a table and its columns, in one statement. The adapter's own way takes four: it asks twice which
    columns there are, and under a contract they are those that are described. It takes a second more.
#}
{% macro duckdb__persist_docs(relation, model, for_relation=true, for_columns=true) %}
    {% set comments = [] %}
    {% if for_relation and config.persist_relation_docs() and model.description %}
        {% do comments.append(alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% if for_columns and config.persist_column_docs() and model.columns %}
        {% set columns = [] if is_under_contract() else adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
        {% for name, column in model.columns.items() if is_under_contract() or name in columns %}
            {% do comments.append('comment on column ' ~ relation ~ '.' ~ (quoted_name(name) if column.quote else name)
                ~ ' is ' ~ duckdb_escape_comment(column.description) ~ ';') %}
        {% endfor %}
    {% endif %}
    {% if comments %}{% do run_query(comments | join('\n')) %}{% endif %}
{% endmacro %}

{#
    Whether a model has the columns of its contract. DuckDB is asked once what each type is called; dbt's own comparison,
    which asks that for every model, and takes half a second more for ours, is left to say what differs.
#}
{% macro duckdb__get_assert_columns_equivalent(sql) %}
    {% set types, agreed, made = memo('types'), {}, {} %}
    {% for type in model.columns.values() | map(attribute='data_type') | select | reject('in', types) | unique %}
        {% do types.update({type: get_column_schema_from_query('select cast(null as ' ~ type ~ ') as a_type')[0].dtype}) %}
    {% endfor %}
    {% for column in model.columns.values() %}{% do agreed.update({column.name | lower: types[column.data_type]}) %}{% endfor %}
    {% for column in get_column_schema_from_query(sql, config.get('sql_header')) %}{% do made.update({column.name | lower: column.dtype}) %}{% endfor %}
    {% if made != agreed %}{% do assert_columns_equivalent(sql) %}{% endif %}
{% endmacro %}

{# Tables on PostgreSQL are left as they are where they would be the same. Views are made anew: they go with what they read. #}
{% materialization table, adapter='postgres', supported_languages=['sql'] %}
    {% if is_as_it_was_made(load_cached_relation(this), 'table') %}
        {% do left_as_it_is() %}
        {{ return({'relations': [this.incorporate(type='table')]}) }}
    {% endif %}
    {{ return(dbt.materialization_table_default()) }}
{% endmaterialization %}

{% materialization view, adapter='postgres', supported_languages=['sql'] %}
    {% do is_as_it_was_made(none, 'view') %}
    {{ return(dbt.materialization_view_default()) }}
{% endmaterialization %}

{% materialization incremental, adapter='postgres', supported_languages=['sql'] %}
    {% do note_rewriting(true) %}
    {{ return(dbt.materialization_incremental_default()) }}
{% endmaterialization %}

{#
    On BigQuery the adapter's own way of building incrementally, which knows no strategies but its own, is told ours by two
    macros that it calls: dbt looks for a macro in the package of the model first, so that it takes these for our models,
    in a host's project too, and its own for the host's.
#}
{% macro dbt_bigquery_validate_get_incremental_strategy(config) %}{% do return(config.get('incremental_strategy')) %}{% endmacro %}

{% macro bq_generate_incremental_build_sql(
    strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns, tmp_relation_exists, copy_partitions, incremental_predicates
) %}
    {% set written = adapter.get_incremental_strategy_macro(context, strategy) %}
    {% do return(written({'target_relation': target_relation, 'temp_relation': tmp_relation, 'dest_columns': dest_columns})) %}
{% endmacro %}

{#
    Tables on Spark take other ways than the adapter's, which knows none of our strategies and leaves a reader without the
    table while it is made (spark_tables.sql). Models of a host, and of strategies that are not ours, keep the adapter's.
#}
{% materialization table, adapter='spark', supported_languages=['sql', 'python'] %}
    {% if not is_made_our_way() %}{{ return(dbt.materialization_table_spark()) }}{% endif %}
    {% set partition = (config.get('partition_by') or [none])[0] if spark_has_plain_files() else none %}
    {{ run_hooks(pre_hooks) }}
    {% if partition %}
        {% do spark_filled_anew(partition) %}
    {% else %}
        {% do spark_replaced_by(compiled_code) %}
    {% endif %}
    {% do spark_finished(config.get('grants')) %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{% materialization incremental, adapter='spark', supported_languages=['sql', 'python'] %}
    {% if not is_made_our_way() %}{{ return(dbt.materialization_incremental_spark()) }}{% endif %}
    {{ return(spark_incremental()) }}
{% endmaterialization %}

{# Databricks' own way of making tables is Delta's already. #}
{% materialization incremental, adapter='databricks', supported_languages=['sql', 'python'] %}
    {% if not is_made_our_way() %}{{ return(dbt.materialization_incremental_databricks()) }}{% endif %}
    {{ return(spark_incremental()) }}
{% endmaterialization %}

{% macro spark_incremental() %}
    {% set strategy, partition = config.get('incremental_strategy'), spark_rewritten_by() %}
    {% set is_kept = is_incremental() and (strategy == 'append' or built_settings()) %}
    {{ run_hooks(pre_hooks) }}
    {% if not is_kept and partition and spark_has_plain_files() %}
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
    {% do return({'relations': [this.incorporate(type='table')]}) %}
{% endmacro %}

{% macro is_made_our_way() %}
    {% set strategy = config.get('incremental_strategy') or 'append' %}
    {% do return(
        model.package_name == 'pql_warehouse' and model.language == 'sql'
        and (model.config.materialized != 'incremental' or strategy == 'append' or strategy.startswith('rewrite_'))
    ) %}
{% endmacro %}
