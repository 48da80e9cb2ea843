{# How tables are made on DuckDB, where our materializations are those in use (dbt_internals.sql). #}

{# Whether a table has the columns that its model makes now; those of a contract are known by name. #}
{% macro has_its_columns() %}
    {% set has, makes = {}, {} %}
    {% for column in adapter.get_columns_in_relation(this) %}{% do has.update({column.name: column.dtype}) %}{% endfor %}
    {% if is_under_contract() %}{% do return(has | sort == model.columns | sort) %}{% endif %}
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
