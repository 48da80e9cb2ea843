{#
    Tables on Spark. Plain files have neither transactions nor `delete`. A table is written under a name of its own and
    renamed into place: nobody reads it half written, and what a stopped build leaves lies in nobody's way (Spark makes
    no table where the folder of another one lies). One with partitions is written where it is, partition by partition.
    Delta and Iceberg change a table in one commit, which may read the table itself: the same rows are written where they belong.
    What may be left beside a table, and what the next build does with it:

    X__new_…     was being written; dropped
    X__rows_…    the new rows of a table with partitions; dropped (all that these two leave)
    X__old_…     was being replaced; renamed back where X is missing, else dropped
    X__staged    all rows of the partitions that were being overwritten; they are overwritten again
#}

{% macro spark_finished(grants) %}
    {% do apply_grants(this, grants, should_revoke(this, full_refresh_mode=True)) %}
    {% do persist_docs(this, model) %}
{% endmacro %}

{# A table beside this one; a number of the build's own keeps its folder apart from those of other builds. #}
{% macro spark_beside(kind) %}
    {% do return(this.incorporate(
        path={'identifier': this.identifier ~ '__' ~ kind ~ ('' if kind == 'staged' else '_' ~ invocation_id[:8])}, type='table'
    )) %}
{% endmacro %}

{# What is said of columns in one commit, where the adapter makes one for each. #}
{% macro spark__alter_column_comment(relation, column_dict) %}
    {% if not spark_has_commits() %}{% do return('') %}{% endif %}
    {% set comments = [] %}
    {% for name, column in column_dict.items() %}
        {% do comments.append(quoted_name(name) ~ ' comment ' ~ quoted(column.description)) %}
    {% endfor %}
    {% if comments %}{% do run_query('alter table ' ~ relation ~ ' alter column ' ~ comments | join(', ')) %}{% endif %}
{% endmacro %}

{% macro databricks__alter_column_comment(relation, column_dict) %}
    {% do return(dbt.databricks__alter_column_comment(relation, column_dict)) %}
{% endmacro %}

{# Puts a query's rows in the place of this table. #}
{% macro spark_replaced_by(sql) %}
    {% if spark_has_commits() %}{% do return(spark_committed(sql)) %}{% endif %}
    {% set existing, written, replaced = load_cached_relation(this), spark_beside('new'), spark_beside('old') %}
    {% call statement('main') %}{{ create_table_as(False, written, sql) }}{% endcall %}
    {% if existing and existing.is_view %}
        {% do adapter.drop_relation(existing) %}
    {% elif existing %}
        {% do adapter.rename_relation(existing, replaced) %}
    {% endif %}
    {% do adapter.rename_relation(written, this.incorporate(type='table')) %}
    {% if existing and not existing.is_view %}{% do adapter.drop_relation(replaced) %}{% endif %}
{% endmacro %}

{# The same in one commit, unless something else stands there: a view, or files of another format. #}
{% macro spark_committed(sql) %}
    {% set existing = load_cached_relation(this) %}
    {% if existing and not (existing.is_delta or existing.is_iceberg) %}{% do adapter.drop_relation(existing) %}{% endif %}
    {% call statement('main') %}{{ create_table_as(False, this.incorporate(type='table'), sql) }}{% endcall %}
{% endmacro %}

{# Fills a table with partitions anew. Where that is stopped, no state may say that it is whole. #}
{% macro spark_filled_anew(partition) %}
    {% set existing = load_cached_relation(this) %}
    {% if built_settings() %}{% do adapter.drop_relation(stored('manifest_inputs')) %}{% endif %}
    {% if existing %}{% do adapter.drop_relation(existing) %}{% endif %}
    {% do run_query(create_table_as(False, this, 'select * from (' ~ compiled_code ~ ') where false')) %}
    {% call statement('main') %}{{ spark_overwrite(this, '(' ~ compiled_code ~ ')', partition) }}{% endcall %}
{% endmacro %}

{# Overwrites the partitions that have rows in a source, each as a whole; one file for each, unless that is large. #}
{% macro spark_overwrite(table, source, partition) %}
    {% set columns = get_quoted_csv(adapter.get_columns_in_relation(table) | map(attribute='name')) %}
    {% do run_query('set spark.sql.sources.partitionOverwriteMode = dynamic') %}
    {% do return('insert overwrite table ' ~ table ~ ' partition (' ~ partition ~ ') select /*+ rebalance(' ~ partition ~ ') */ '
        ~ columns ~ ' from ' ~ source) %}
{% endmacro %}

{# The table gets the columns of new rows that it lacks; its files can lose none. The adapter asks what kind it is of. #}
{% macro spark_add_columns_of(rows) %}
    {% do process_schema_changes('append_new_columns', rows, this.incorporate(type='table')) %}
{% endmacro %}

{# The new rows as a view. #}
{% macro spark_view_of_rows() %}
    {% set rows = make_temp_relation(this, '__rows') %}
    {% call statement('rows') %}{{ create_table_as(True, rows, compiled_code) }}{% endcall %}
    {% do spark_add_columns_of(rows) %}
    {% do return(rows) %}
{% endmacro %}

{#
    The rows of this table that are not stale, and the new ones; a column that these lack, as that of a property that is
    no longer read, is null in them. After `not`, Spark would compare an `in` row by row.
#}
{% macro spark_kept_and_new(columns, among, stale, rows) -%}
{%- set given = adapter.get_columns_in_relation(rows) | map(attribute='name') | list -%}
select {{ get_quoted_csv(columns | map(attribute='name')) }} from {{ this }}
where {{ among }} and ({{ stale }}) is not true
union all
select
    {% for column in columns -%}
    {{ 'cast(null as ' ~ column.dtype ~ ') as ' if column.name not in given }}{{ column.quoted }}{{ ', ' if not loop.last }}
    {%- endfor %}
from {{ rows }}
{%- endmacro %}

{# A table without partitions is written anew: what is kept is copied. #}
{% macro spark_rewrite(strategy) %}
    {% set rows = spark_view_of_rows() %}
    {% set stale = strategy({'target_relation': this, 'temp_relation': rows, 'dest_columns': []}) %}
    {% do spark_replaced_by(spark_kept_and_new(adapter.get_columns_in_relation(this), 'true', stale, rows)) %}
{% endmacro %}

{# Of a table with partitions, only those are written that hold a stale row or a new one. #}
{% macro spark_rewrite_partitions(strategy, partition) %}
    {% set rows = spark_beside('rows') %}
    {% do run_query('create table ' ~ rows ~ ' using ' ~ spark_file_format() ~ ' as ' ~ compiled_code) %}
    {% do spark_add_columns_of(rows) %}
    {% set stale = strategy({'target_relation': this, 'temp_relation': rows, 'dest_columns': []}) %}
    {% set columns = adapter.get_columns_in_relation(this) %}
    {% set affected = (spark_values(partition, this ~ ' where ' ~ stale) + spark_values(partition, rows)) | unique(case_sensitive=true) | list %}
    {% set among = spark_is_one_of(columns | selectattr('name', 'equalto', partition) | first, affected) %}
    {% set sql = spark_kept_and_new(columns, among, stale, rows) %}
    {% if spark_has_commits() %}
        {% call statement('main') %}{{ 'insert into ' ~ this ~ ' replace where ' ~ among ~ '\n' ~ sql if affected else 'select 1 as nothing_changed' }}{% endcall %}
    {% else %}
        {% do spark_overwrite_partitions(sql, partition, affected) %}
    {% endif %}
    {% do adapter.drop_relation(rows) %}
{% endmacro %}

{# Partitions of plain files, of which some may have no row any more. #}
{% macro spark_overwrite_partitions(sql, partition, affected) %}
    {% set written, staged = spark_beside('new'), spark_beside('staged') %}
    {% call statement('main') %}create table {{ written }} {{ file_format_clause() }} as {{ sql }}{% endcall %}
    {% do adapter.rename_relation(written, staged) %}
    {% for value in affected | reject('in', spark_values(partition, staged)) %}
        {% do run_query('alter table ' ~ this ~ ' drop if exists partition (' ~ partition ~ ' = ' ~ text_literal(value) ~ ')') %}
    {% endfor %}
    {% do spark_put_in_place(staged, this, partition) %}
{% endmacro %}

{# Done twice it gives the same, also where it was stopped halfway. #}
{% macro spark_put_in_place(staged, table, partition) %}
    {% do run_query(spark_overwrite(table, staged, partition)) %}
    {% do adapter.drop_relation(staged) %}
{% endmacro %}

{# Spelt out and of the column's own type, so that no other partition is opened. #}
{% macro spark_is_one_of(column, values) -%}
{%- if values -%}
{{ column.name }} in (
    {%- for value in values %}cast({{ text_literal(value) }} as {{ column.dtype }}){{ ', ' if not loop.last }}{% endfor -%}
)
{%- else -%}
false
{%- endif -%}
{%- endmacro %}

{# The different values of a column, as text. #}
{% macro spark_values(column, source) %}
    {% do return(run_query('select distinct cast(' ~ column ~ ' as string) from ' ~ source).columns[0].values() | list) %}
{% endmacro %}

{# What a stopped build has left beside the tables is put in place or dropped, before anything is read. #}
{% macro spark__prepare_engine() %}
    {% if not execute or flags.WHICH not in ['build', 'run'] %}{% do return('') %}{% endif %}
    {% set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list %}
    {% for schema in models | selectattr('unique_id', 'in', selected_resources) | map(attribute='schema') | unique %}
        {% set within = models | selectattr('schema', 'equalto', schema) | list %}
        {% set place = api.Relation.create(database=within[0].database, schema=schema).without_identifier() %}
        {% set names = run_query('show tables in ' ~ place).columns[1].values() | list %}
        {% for model in within %}
            {% do spark_mend(model, names) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{% macro spark_mend(model, names) %}
    {% set table = api.Relation.create(database=model.database, schema=model.schema, identifier=model.alias, type='table') %}
    {% set staged = model.alias ~ '__staged' %}
    {% for name in names if modules.re.fullmatch(model.alias ~ '__(new|rows|old)_[0-9a-f]{8}', name) %}
        {% set left = table.incorporate(path={'identifier': name}) %}
        {% if '__old_' in name and model.alias not in names %}
            {% do adapter.rename_relation(left, table) %}
        {% else %}
            {% do adapter.drop_relation(left) %}
        {% endif %}
    {% endfor %}
    {% if staged in names %}
        {% do spark_put_in_place(table.incorporate(path={'identifier': staged}), table, model.config.partition_by[0]) %}
    {% endif %}
{% endmacro %}

{% macro spark__remove_rows(relation, condition) %}
    {% do spark_put_in_the_place_of(relation, 'select * from ' ~ relation ~ ' where (' ~ condition ~ ') is not true') %}
{% endmacro %}

{% macro spark__set_column(relation, column, value, condition) %}
    {% set columns = [] %}
    {% for kept in adapter.get_columns_in_relation(relation) %}
        {% do columns.append(kept.quoted if kept.name != column else
            'case when ' ~ condition ~ ' then cast(' ~ value ~ ' as ' ~ kept.dtype ~ ') else ' ~ column ~ ' end as ' ~ column) %}
    {% endfor %}
    {% do spark_put_in_the_place_of(relation, 'select ' ~ columns | join(', ') ~ ' from ' ~ relation) %}
{% endmacro %}

{#
    Rows are written beside the table and take its place, as in a build; the next one mends what is left. Delta, whose
    `delete` knows no subquery, and Iceberg overwrite in one commit.
#}
{% macro spark_put_in_the_place_of(relation, sql) %}
    {% if spark_has_commits() %}{% do return(run_query('insert overwrite table ' ~ relation ~ ' ' ~ sql)) %}{% endif %}
    {% set names, number = {}, invocation_id[:8] %}
    {% for kind in ['new', 'old'] %}
        {% do names.update({kind: relation.incorporate(path={'identifier': relation.identifier ~ '__' ~ kind ~ '_' ~ number}, type='table')}) %}
    {% endfor %}
    {% do make_table(names.new, sql) %}
    {% do adapter.rename_relation(relation, names.old) %}
    {% do adapter.rename_relation(names.new, relation) %}
    {% do adapter.drop_relation(names.old) %}
{% endmacro %}

{# Without a format it is made one of text files by some versions. #}
{% macro spark__make_table(relation, sql) %}
    {% do run_query('create table ' ~ relation ~ ' using ' ~ spark_file_format() ~ ' as ' ~ sql) %}
{% endmacro %}
