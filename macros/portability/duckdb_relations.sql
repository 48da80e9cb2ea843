{#
    A table or view on DuckDB, dropped and created in one transaction: nobody sees it missing and a failed build leaves
    the old one. The adapter's own way creates it under another name, renames the old one and the new one, looks for
    indexes and foreign keys and drops the old one in a second transaction, which costs more than most of ours take to
    build.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {{ return({'relations': [replaced_relation('table')]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return({'relations': [replaced_relation('view')]}) }}
{% endmaterialization %}

{#
    A table that builds add to or rewrite in part, on DuckDB, in one request. The adapter's own way asks four times which
    columns there are; it is left to a table whose columns change, to other strategies, and to MotherDuck, where no table
    is temporary.
#}
{% materialization incremental, adapter='duckdb', supported_languages=['sql'] %}
    {% set strategy = config.get('incremental_strategy') or '' %}
    {% set is_ours = strategy == 'append' or strategy.startswith('rewrite_') %}
    {% do note_rewriting(true) %}
    {% if is_ours and is_incremental() and not adapter.is_motherduck() and has_its_columns() %}
        {{ return({'relations': [rewritten_relation()]}) }}
    {% endif %}
    {{ return(dbt.materialization_incremental_duckdb()) }}
{% endmaterialization %}

{# Whether a table has the columns that its model makes now; those of a contract are known by name. #}
{% macro has_its_columns() %}
    {% set has, makes = {}, {} %}
    {% for column in adapter.get_columns_in_relation(this) %}{% do has.update({column.name: column.dtype}) %}{% endfor %}
    {% if model.contract.enforced %}{% do return(has | sort == model.columns | sort) %}{% endif %}
    {% for column in get_column_schema_from_query(model.compiled_code) %}{% do makes.update({column.name: column.dtype}) %}{% endfor %}
    {% do return(has == makes) %}
{% endmacro %}

{% macro rewritten_relation() %}
    {% set target, rows = this.incorporate(type='table'), make_temp_relation(this) %}
    {% set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% do run_query(create_table_as(True, rows, model.compiled_code)) %}
    {% call statement('main') %}
        {{ strategy({'target_relation': target, 'temp_relation': rows, 'dest_columns': adapter.get_columns_in_relation(target)}) }}
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {% do run_query('drop table if exists ' ~ rows) %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {% do return(target) %}
{% endmacro %}

{% macro replaced_relation(type) %}
    {% set existing = load_cached_relation(this) %}
    {% set target = this.incorporate(type=type) %}
    {% if is_as_it_was_made(existing, type) %}{% do left_as_it_is() %}{% do return(target) %}{% endif %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        {% if existing %}drop {{ existing.type }} if exists {{ existing }};{% endif %}
        {{ create_table_as(False, target, compiled_code) if type == 'table' else get_create_view_as_sql(target, compiled_code) }}
    {% endcall %}
    {% if type == 'table' %}{% do create_indexes(target) %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) %}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {% do return(target) %}
{% endmacro %}

{#
    What is said of a table and its columns, in one statement. The adapter's own way takes four: it asks twice which
    columns there are, and under a contract they are those that are described.
#}
{% macro duckdb__persist_docs(relation, model, for_relation=true, for_columns=true) %}
    {% set comments = [] %}
    {% if for_relation and config.persist_relation_docs() and model.description %}
        {% do comments.append(alter_relation_comment(relation, model.description)) %}
    {% endif %}
    {% if for_columns and config.persist_column_docs() and model.columns %}
        {% set columns = [] if model.contract.enforced else adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
        {% for name, column in model.columns.items() if model.contract.enforced or name in columns %}
            {% do comments.append('comment on column ' ~ relation ~ '.' ~ (identifier(name) if column.quote else name)
                ~ ' is ' ~ duckdb_escape_comment(column.description) ~ ';') %}
        {% endfor %}
    {% endif %}
    {% if comments %}{% do run_query(comments | join('\n')) %}{% endif %}
{% endmacro %}

{#
    Whether a model has the columns of its contract. DuckDB is asked once what each type is called; dbt's own comparison,
    which asks that for every model, is left to say what differs.
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
