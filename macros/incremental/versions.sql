{#
    Nothing new costs nothing: a table or a view that is made anew by a build is left as it is where it would be the same.
    It would be the same where its SQL is the same, as text, and every table that it reads holds the same rows as when it
    was made. So each table has a version:

    - one that is made anew: a hash of its rows;
    - one that builds rewrite in part: a new one whenever a build has found something to rewrite in it;
    - one that builds only add to, and a seed, which others write as well: a hash of its rows when it is read;
    - a view: that of its SQL and of what it reads;
    - files: their names, sizes and times;
    - a table of the user's: none, so that what reads it is made anew. Who reads that in turn may be left.

    The table pql_versions says of each what it was made of. A run takes the rows of what it builds out before its first
    model, and puts them back after its last: what a run that was stopped had built has none, and is made anew.
#}
{% macro versions_table() %}
    {% do return(api.Relation.create(database=target.database, schema=target.schema, identifier='pql_versions')) %}
{% endmacro %}

{# Before the first model: what the tables were made of is read, and nothing more is said of those to be built. #}
{% macro take_up_versions() %}
    {% if not execute or flags.WHICH not in ['build', 'run'] or not concerns_us() or not hash_of_rows('t') %}{% do return('') %}{% endif %}
    {% set versions, known = versions_table(), memo('versions') %}
    {% if not reads_elsewhere() %}{% do known.update({'before': {}, 'made': {}, 'asked': {}}) %}{% endif %}
    {% if load_relation(versions) and known and not flags.FULL_REFRESH and built_settings() %}
        {% for row in run_query('select name, text, made_of, version from ' ~ versions).rows %}
            {% do known.before.update({row[0]: {'text': row[1], 'made_of': fromjson(row[2]), 'version': row[3] or none}}) %}
        {% endfor %}
    {% endif %}
    {% set text = dbt.type_string() %}
create table if not exists {{ versions }} (name {{ text }}, text {{ text }}, made_of {{ text }}, version {{ text }});
delete from {{ versions }} where name in ({{ text_literals(selected_resources) }})
{%- endmacro %}

{# Whether a run's models may read other tables than those of its target, or only some of their rows. #}
{% macro reads_elsewhere() %}
    {% set given = invocation_args_dict %}
    {% do return(given.get('defer') or given.get('empty') or given.get('sample') is not none) %}
{% endmacro %}

{# After the last model. #}
{% macro put_down_versions(results) %}
    {% set known, rows = memo('versions'), [] %}
    {% if not execute or not known %}{% do return('') %}{% endif %}
    {% do settle_versions() %}
    {% for result in results if result.status == 'success' and result.node.unique_id in known.made %}
        {% set made, made_of = known.made[result.node.unique_id], {} %}
        {% for name, version in made.made_of.items() %}{% do made_of.update({name: known.made[name].version if version == 'of its rows' else version}) %}{% endfor %}
        {% do rows.append('(' ~ text_literals([result.node.unique_id, made.text, tojson(made_of), made.version or '']) ~ ')') %}
    {% endfor %}
    {% if rows %}insert into {{ versions_table() }} values {{ rows | join(', ') }}{% endif %}
{%- endmacro %}

{# Whether this model's table or view, as it is, is what would be made now; noted is what it is made of. #}
{% macro is_as_it_was_made(existing, type) %}
    {% set known, id = memo('versions'), model.unique_id %}
    {% if not known or model.package_name != 'pql_warehouse' %}{% do return(false) %}{% endif %}
    {% set before = known.before.get(id, {'text': '', 'made_of': {}}) %}
    {% set now = {'text': version_of_text(), 'made_of': {}} %}
    {% for name in read_by_this_model() %}
        {% do now.made_of.update({name: version_of(name, settled=(type == 'view' or before.text == now.text))}) %}
    {% endfor %}
    {% set is_known = none not in now.made_of.values() | list %}
    {% if type == 'view' %}
        {% do now.update({'version': local_md5(tojson(now, sort_keys=true)) if is_known else none}) %}
    {% else %}
        {% do now.update({'version': 'of its rows'}) %}
    {% endif %}
    {% set is_same = existing and existing.type == type and is_known and before.text == now.text and before.made_of == now.made_of %}
    {% do known.made.update({id: before if is_same else now}) %}
    {% do return(is_same) %}
{% endmacro %}

{# A model that is left as it is. #}
{% macro left_as_it_is() %}
    {% call noop_statement('main', 'UNCHANGED') %}{{ compiled_code }}{% endcall %}
{% endmacro %}

{# Notes of a table that builds rewrite in part whether this one has rewritten anything; what they only add to is asked. #}
{% macro note_rewriting(is_changed) %}
    {% set known, id = memo('versions'), model.unique_id %}
    {% if not known or model.package_name != 'pql_warehouse' %}{% do return('') %}{% endif %}
    {% do known.asked.pop(id, none) %}
    {% if config.get('incremental_strategy') != 'append' %}
        {% set before = known.before.get(id, {}).get('version') if not is_changed %}
        {% do known.made.update({id: {'text': '', 'made_of': {}, 'version': before or invocation_id}}) %}
    {% endif %}
{% endmacro %}

{# The SQL of a model with whatever else decides how its table looks. #}
{% macro version_of_text() %}
    {% set known = memo('versions') %}
    {% if 'macros' not in known %}{% do known.update({'macros': local_md5(checksums_of_macros() | sort | join)}) %}{% endif %}
    {% do return(local_md5([this, compiled_code, model.config, model.description, model.columns, known.macros] | join('\n'))) %}
{% endmacro %}

{#
    What a model reads: the models and seeds that it refers to, those of ours that it names, files, and tables of the user's.
#}
{% macro read_by_this_model() %}
    {% set found = [] %}
    {% for id in model.depends_on.nodes if not id.startswith('source.') %}{% do found.append(id) %}{% endfor %}
    {% set tables = tables_by_id() %}
    {% for id, table in tables.ours.items() if table in compiled_code and id not in found %}
        {% do found.append(id) %}
    {% endfor %}
    {% for table in memo('tables_read') | list if table in compiled_code and table not in tables.seeds %}
        {% do found.append('table ' ~ table) %}
    {% endfor %}
    {% do found.extend(files_read_by(compiled_code)) %}
    {% do return(found) %}
{% endmacro %}

{# The tables of our models, and of all seeds. They are asked for once: dbt copies each node that one looks at. #}
{% macro tables_by_id() %}
    {% set known = memo('tables_by_id') %}
    {% if not known %}
        {% set ours, seeds = {}, [] %}
        {% for id, node in graph.nodes.items() if node.relation_name %}
            {% if node.resource_type == 'seed' %}
                {% do seeds.append(node.relation_name) %}
            {% elif node.resource_type == 'model' and node.package_name == 'pql_warehouse' %}
                {% do ours.update({id: node.relation_name}) %}
            {% endif %}
        {% endfor %}
        {% do known.update({'ours': ours, 'seeds': seeds}) %}
    {% endif %}
    {% do return(known) %}
{% endmacro %}

{# The version of what a model reads; none where it is not known. That of a table made in this run is asked when needed. #}
{% macro version_of(name, settled=true) %}
    {% set known, node = memo('versions'), graph.nodes.get(name) %}
    {% if name in known.made %}
        {% if settled and known.made[name].version == 'of its rows' %}{% do settle_versions(name) %}{% endif %}
        {% do return(known.made[name].version) %}
    {% endif %}
    {% if name.startswith('file') or (node and node.package_name == 'pql_warehouse' and (node.resource_type == 'seed' or node.config.incremental_strategy == 'append')) %}
        {% if name not in known.asked %}
            {% do known.asked.update({name: version_of_files(name) if name.startswith('file') else version_of_rows_now(node)}) %}
        {% endif %}
        {% do return(known.asked[name]) %}
    {% endif %}
    {% do return(known.before.get(name, {}).get('version')) %}
{% endmacro %}

{# Looks up the versions of tables made in this run that were not needed yet: of one, or of all. #}
{% macro settle_versions(only=none) %}
    {% set made, queries = memo('versions').made, [] %}
    {% for name, table in made.copy().items() if table.version == 'of its rows' and name == (only or name) %}
        {% set relation = relation_of(graph.nodes[name]) %}
        {% if relation %}
            {% do queries.append('select ' ~ text_literal(name) ~ ' as name, ' ~ hash_of_rows('t') ~ ' as version from ' ~ relation ~ ' as t') %}
        {% else %}
            {% do made[name].update({'version': none}) %}
        {% endif %}
    {% endfor %}
    {% if queries %}
        {% for row in run_query(queries | join(' union all ')).rows %}{% do made[row[0]].update({'version': row[1]}) %}{% endfor %}
    {% endif %}
{% endmacro %}

{% macro version_of_rows_now(node) %}
    {% set relation = relation_of(node) %}
    {% do return(run_query('select ' ~ hash_of_rows('t') ~ ' from ' ~ relation ~ ' as t').columns[0].values()[0] if relation else none) %}
{% endmacro %}

{# A hash of all rows of a table, in no order; none where an engine has not been tried: there everything is made anew. #}
{% macro hash_of_rows(rows) %}
    {{- return(adapter.dispatch('hash_of_rows', 'pql_warehouse')(rows)) -}}
{% endmacro %}

{% macro default__hash_of_rows(rows) %}{% do return(none) %}{% endmacro %}
