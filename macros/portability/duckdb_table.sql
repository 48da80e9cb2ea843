{#
    A table on DuckDB, dropped and created in one transaction: nobody sees it missing and a failed build leaves the
    old one. The adapter's own way creates it under another name, renames the old table and the new one, looks for
    indexes and foreign keys and drops the old table in a second transaction, which costs more than most of our
    tables take to build.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {% set existing = load_cached_relation(this) %}
    {% set target = this.incorporate(type='table') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        {% if existing %}drop {{ existing.type }} if exists {{ existing }};{% endif %}
        {{ create_table_as(False, target, compiled_code) }}
    {% endcall %}
    {% do create_indexes(target) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) %}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
