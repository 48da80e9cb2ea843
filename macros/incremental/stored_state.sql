{#
    What the tables were built from is kept in two tables that a build writes last: manifest_inputs and
    manifest_accounts. A build compares them with what there is now, and redoes what differs. A build that was stopped
    has not written them, so the next one does the same work again.
#}

{# A model's table as the last build left it, none where there is none: for models that are not built after it. #}
{% macro stored(model) %}
    {% set node = graph.nodes['model.pql_warehouse.' ~ model] if execute and graph.nodes else none %}
    {% do return(relation_of(node) if node else none) %}
{% endmacro %}

{# The table or view of a node, none where there is none. #}
{% macro relation_of(node) %}
    {% do return(adapter.get_relation(node.database, node.schema, node.alias)) %}
{% endmacro %}

{# A model's own table, from which it keeps what has not changed; none where it is to be built anew, or in a unit test. #}
{% macro last_rows() %}
    {% do return(this if this and is_incremental() and built_settings() else none) %}
{% endmacro %}

{# The settings that the last whole build was made with; none where it knew other rules for reading the inputs. #}
{% macro built_settings() %}
    {% set built = stored('manifest_inputs') if can_rewrite() else none %}
    {% if not built %}{% do return(none) %}{% endif %}
    {% set known, settings = memo('settings'), {} %}
    {% if not known %}
        {% for row in run_query('select name, version from ' ~ built ~ " where kind = 'setting'").rows %}
            {% do settings.update({row[0]: row[1]}) %}
        {% endfor %}
        {% do known.update({'built': settings}) %}
    {% endif %}
    {% do return(known.built if known.built.as_of and known.built.reading == reading_version() else none) %}
{% endmacro %}

{# The settings of this build, but for the as-of. #}
{% macro settings_now() %}
    {% do return({
        'reading': reading_version(),
        'clock': build_clock(),
        'build': build_number() | string,
    } if execute else {}) %}
{% endmacro %}

{# One more than that of the last whole build; a build that was stopped has it as well as the one that does its work again. #}
{% macro build_number() %}
    {% set settings = built_settings() %}
    {% do return((settings.build | int if settings else 0) + 1) %}
{% endmacro %}

{# A hash of everything besides the inputs that decides how events are read: the sources, and the models that read them. #}
{% macro reading_version() %}
    {% set known, forgotten = memo('reading'), forgotten_ids(stored('stg_product__forgotten')) | join(' ') %}
    {% if forgotten not in known %}
        {% set sources = [tojson([pql_sources('pql_event_sources'), pql_sources('pql_account_sources'), pql_raw_config().pql_input_models, pql_raw_config().pql_placeholder_ids, pql_raw_config().pql_duplicates_within_days, ignored_event_rules(), names_in_files()], sort_keys=true)] %}
        {% do known.update({forgotten: local_md5((sources + checksums_of_models() + checksums_of_macros()) | sort | join(' ') ~ forgotten)}) %}
    {% endif %}
    {% do return(known[forgotten]) %}
{% endmacro %}

{# Of the tables that builds rewrite in part, and of all that they are made of. #}
{% macro checksums_of_models() %}
    {% set kept, found = rewritten_models() | map(attribute='unique_id') | list, [] %}
    {% for id in (kept + ancestors_of(kept)) | unique %}{% do found.append(graph.nodes[id].checksum.checksum) %}{% endfor %}
    {% do return(found) %}
{% endmacro %}

{# A full refresh starts from nothing, also where it is stopped halfway; so does a build that misses a kept table. #}
{% macro forget_state() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}{% do refuse_less_than_all_rows() %}{% endif %}
    {% if execute and flags.WHICH in ['build', 'run'] and (flags.FULL_REFRESH or misses_a_table()) %}
        {% if flags.FULL_REFRESH %}{% do refuse_a_part() %}{% endif %}
        {% for model in models_of_the_state() %}
            {% set relation = stored(model) %}
            {% if relation %}{% do adapter.drop_relation(relation) %}{% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{#
    Stops a full refresh of kept tables that leaves out what they are made of: some of that holds only what the last build
    found new, so that they would lose the rest.
#}
{% macro refuse_a_part() %}
    {% set anew = [] %}
    {% for node in rewritten_models() if node.name not in models_of_the_state() and node.unique_id in selected_resources %}
        {% if stored(node.name) and builds_a_part_of(node.name) %}{% do anew.append(node.name) %}{% endif %}
    {% endfor %}
    {% if anew %}
        {% do exceptions.raise_compiler_error(
            "--full-refresh of '" ~ anew | join("', '") ~ "' without all that they are made of would lose rows. Nothing was changed. "
            ~ 'Give --full-refresh without a selection, or put a `+` before the models that you select.'
        ) %}
    {% endif %}
{% endmacro %}

{#
    Stops a build that reads none or some of the rows, `--empty` or `--sample`, of tables that hold all: it would take what it
    does not read for gone, and tell sales so.
#}
{% macro refuse_less_than_all_rows() %}
    {% set flag = '--empty' if invocation_args_dict.get('empty') else '--sample' if invocation_args_dict.get('sample') else none %}
    {% if flag and concerns_us() and (stored('manifest_inputs') or stored('fct_pql_events')) %}
        {% do stop(
            flag ~ ' would take the rows that it leaves out for gone, and ' ~ target.schema ~ ' holds tables of all rows. Nothing was changed. '
            ~ 'Leave it out, or build into a schema of its own: another target, or on DuckDB another file (PQL_DUCKDB_PATH).'
        ) %}
    {% endif %}
{% endmacro %}

{# Whether a table that builds rewrite in part has gone: dropped by hand, say, or a view of another's, as `dbt clone` makes. #}
{% macro misses_a_table() %}
    {% for node in rewritten_models() if not (stored(node.name) or {}).is_table %}{% do return(true) %}{% endfor %}
    {% do return(false) %}
{% endmacro %}

{# What says what was built, and is as it was after a run of a part. #}
{% macro models_of_the_state() %}
    {% do return(['manifest_inputs', 'manifest_accounts']) %}
{% endmacro %}

{# The models that builds rewrite in part. #}
{% macro rewritten_models() %}
    {% set found = [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'pql_warehouse' %}
        {% if (node.config.incremental_strategy or '')[:8] == 'rewrite_' %}{% do found.append(node) %}{% endif %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#
    Whether this run builds some of what a model is made of and leaves out other. One that builds the model alone is a step
    of an orchestrator, which sees to the others.
#}
{% macro builds_a_part_of(name) %}
    {% if not execute %}{% do return(false) %}{% endif %}
    {% set ancestors = ancestors_of(['model.pql_warehouse.' ~ name]) %}
    {% set built = ancestors | select('in', selected_resources) | list | length %}
    {% do return((0 < built and built < ancestors | length) or (flags.FULL_REFRESH and not built)) %}
{% endmacro %}

{# Whether this run builds models, but not this one. #}
{% macro leaves_out(name) %}
    {% do return(execute and selected_resources | length > 1 and 'model.pql_warehouse.' ~ name not in selected_resources) %}
{% endmacro %}

{# The rows of a table of the state as the last whole build left them. #}
{% macro rows_of_last_build(name, columns) -%}
{%- if stored(name) -%}
select {{ columns | join(', ') }} from {{ stored(name) }}
{%- else -%}
select {% for column in columns %}cast(null as {{ dbt.type_string() }}) as {{ column }}{{ ', ' if not loop.last }}{% endfor %} {{ no_rows() }}
{%- endif -%}
{%- endmacro %}

{# When this build began, as text. #}
{% macro build_clock() %}
    {# of which dbt v2 writes nanoseconds #}
    {% do return(run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')[:26]) %}
{% endmacro %}

{# When this build began: the moment at which what it finds becomes known. #}
{% macro build_moment() -%}
{{ moment_literal(build_clock()) }}
{%- endmacro %}

{#
    When a row of a log that only grows was added: when this build began, but later than all rows that stand there, also
    where a clock has been set back. What is latest in a log, and the cursor of who reads it, go by this.
#}
{% macro log_moment(column) -%}
{%- if is_incremental() -%}
(
    select case when max({{ column }}) >= {{ build_moment() }} then {{ add_time('second', 1, 'max(' ~ column ~ ')') }} else {{ build_moment() }} end
    from {{ this }}
)
{%- else -%}
{{ build_moment() }}
{%- endif -%}
{%- endmacro %}

{# A moment of the state, such as the as-of, as a timestamp. #}
{% macro moment_literal(text) -%}
cast('{{ text }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}

{#
    The as-of of this build. It is spelt out, so that the engine knows how few events it shuts out; asked of its table
    where that is not built yet.
#}
{% macro as_of_moment() %}
    {% set moments = values_of(ref('pql_warehouse', 'int_as_of'), 'cast(as_of as ' ~ dbt.type_string() ~ ')', 'as_of is not null') %}
    {% do return(moment_literal(moments[0]) if moments else '(select as_of from ' ~ ref('pql_warehouse', 'int_as_of') ~ ')') %}
{% endmacro %}

{# The local date of the as-of of the build that had these settings. #}
{% macro built_on(settings, zone) -%}
{{ local_date(moment_literal(settings.as_of), zone) }}
{%- endmacro %}

{# A date before all others. #}
{% macro first_date() -%} cast('0001-01-01' as date) {%- endmacro %}

{# How many days after its last event an account's measures may still change by themselves. #}
{% macro longest_reach() %}
    {% set days = [31] %}
    {% for criterion in pql_criteria('behaviour') if criterion.window.last_days %}{% do days.append(criterion.window.last_days) %}{% endfor %}
    {% do return(days | max + 2) %}
{% endmacro %}

{# The days and moments that tables name, {table: [[column of a day, column of a moment]]}: (account_id, turns_on, turns_at). #}
{% macro turns(tables) -%}
{%- for table, pairs in tables.items() -%}
{%- set outer = loop -%}
{%- for day, moment in pairs %}
select
    account_id,
    {{ day or 'cast(null as date)' }} as turns_on,
    {{ moment or 'cast(null as ' ~ dbt.type_timestamp() ~ ')' }} as turns_at
from {{ table }}
{{ 'union all' if not (loop.last and outer.last) }}
{%- endfor -%}
{%- endfor -%}
{%- endmacro %}
