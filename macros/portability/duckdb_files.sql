{# DuckDB reads the inputs from files: $PQL_DATA_DIR/NAME.parquet, or a folder NAME/ of them; CSV and JSON work too. #}

{% macro data_dir() %}
    {% do return(env_var('PQL_DATA_DIR', 'demo_data')) %}
{% endmacro %}

{% macro duckdb__input_address(input, relation) %}
    {% do return(data_dir() ~ '/' ~ input ~ '.parquet or a folder ' ~ data_dir() ~ '/' ~ input
        ~ '/ of Parquet files (CSV and newline JSON work too)') %}
{% endmacro %}

{# Looked for once in a run: what a run builds is made of the same files. #}
{% macro duckdb__find_input(input, relation) %}
    {% set known, place = memo('inputs'), data_dir() ~ '/' ~ input %}
    {% if place not in known %}{% do known.update({place: input_in_files(input, place)}) %}{% endif %}
    {% do return(known[place]) %}
{% endmacro %}

{# What reads a file of each ending. #}
{% macro file_endings() %}
    {% do return({
        '.parquet': 'parquet', '.csv': 'csv', '.csv.gz': 'csv', '.tsv': 'csv', '.tsv.gz': 'csv',
        '.json': 'json', '.jsonl': 'json', '.ndjson': 'json', '.json.gz': 'json', '.jsonl.gz': 'json', '.ndjson.gz': 'json',
    }) %}
{% endmacro %}

{% macro input_in_files(input, place) %}
    {% set endings, kinds, unread = file_endings(), {}, [] %}
    {% for row in run_query(duckdb__list_endings(place)).rows %}
        {% if row['ending'] in endings and row['folder'] in ['', '/'] + endings | list %}
            {% set format, address = endings[row['ending']], place ~ row['folder'] ~ '/' if row['folder'] else row['example'] %}
            {% set kind = kinds.setdefault(address ~ ' ' ~ format, {'format': format, 'address': address | replace('//', '/'), 'endings': [], 'files': []}) %}
            {% do kind.endings.append('*' ~ row['ending'] if row['folder'] else '') %}
            {% do kind.files.extend(files_of_input(place, row)) %}
        {% elif row['folder'] in ['/'] + endings | list %}
            {% do unread.append(row['example']) %}
        {% endif %}
    {% endfor %}
    {% if unread %}
        {% do say(
            "'" ~ input ~ "': files are left unread, such as " ~ unread | join(', ') ~ '. Read are those that end with '
            ~ endings | join(', ') ~ ', in lower case: rename the others, convert them, or put them elsewhere.'
        ) %}
    {% endif %}
    {% if not kinds %}{% do return(none) %}{% endif %}
    {% do check_one_kind_of_file(input, kinds.values() | list) %}
    {% set kind = kinds.values() | first %}
    {% set files = text_literal(kind.files[0]) if kind.files | length == 1 else '[' ~ text_literals(kind.files) ~ ']' %}
    {% set readers = {'parquet': parquet_input, 'csv': csv_input, 'json': json_input} %}
    {% set read = readers[kind.format](input, files) %}
    {% do read.update({'address': kind.address, 'files': files}) %}
    {% do return(read) %}
{% endmacro %}

{# Which of two files or folders is meant, or of two kinds of file in one folder, nothing says. #}
{% macro check_one_kind_of_file(input, kinds) %}
    {% if kinds | length == 1 %}{% do return(none) %}{% endif %}
    {% set places = [] %}
    {% for kind in kinds %}{% for ending in kind.endings %}{% do places.append(kind.address ~ ending) %}{% endfor %}{% endfor %}
    {% do stop(
        "'" ~ input ~ "' is there more than once: " ~ places | join(', ')
        ~ '. Keep one of them; the files of a folder are all Parquet, all CSV or all JSON.'
    ) %}
{% endmacro %}

{# The files of one ending, for a reader: a pattern where that matches just them, else each of them. #}
{% macro files_of_input(place, row) %}
    {% set pattern = duckdb__glob_escaped(place ~ row['folder']) ~ ('/**/*' if row['folder'] else '') ~ row['ending'] %}
    {% if not row['passed_over'] %}{% do return([pattern]) %}{% endif %}
    {% set files = run_query('select file from glob(' ~ text_literal(pattern) ~ ') where not ' ~ is_passed_over(place) ~ ' order by file') %}
    {% do return(files.columns[0].values() | list) %}
{% endmacro %}

{#
    What stands in the files of an input, [{file, version, holds}], `look` being the macro that says so. Each is gone through
    whole, but only once: the warehouse keeps what was found in a file until its size or its time changes.
#}
{% macro looked_into(input, files, look) %}
    {% set found, unknown, faults = {}, [], [] %}
    {% for row in run_query(files_and_what_is_known(files)).rows %}
        {% do found.update({row[0]: {'file': row[0], 'version': row[1], 'holds': fromjson(row[2]) if row[2]}}) %}
        {% if not row[2] %}{% do unknown.append(row[0]) %}{% endif %}
    {% endfor %}
    {% if not unknown %}{% do return(found.values() | list) %}{% endif %}
    {% set rows = [] %}
    {% for row in look(input, '[' ~ text_literals(unknown) ~ ']') %}
        {% if row[2] %}
            {% do faults.append(row[0] ~ ' ' ~ row[2]) %}
        {% else %}
            {% do found[row[0]].update({'holds': fromjson(row[1])}) %}
            {% do rows.append('(' ~ text_literals([row[0], found[row[0]].version, row[1], build_clock()]) ~ ')') %}
        {% endif %}
    {% endfor %}
    {% if faults %}
        {% do stop("'" ~ input ~ "' cannot be read:\n  - " ~ faults | join('\n  - ')) %}
    {% endif %}
    {% if rows and files_are_kept_in_mind() %}{% do run_query('insert into ' ~ files_read() ~ ' values ' ~ rows | join(', ')) %}{% endif %}
    {% do return(found.values() | selectattr('holds') | list) %}
{% endmacro %}

{% macro files_and_what_is_known(files) -%}
select listed.filename, listed.version, {{ 'known.holds' if files_are_kept_in_mind() else 'null' }} as holds
from (select filename, concat(size, ' ', last_modified, ' {{ looked_into_by() }}') as version from read_blob({{ files }})) as listed
{%- if files_are_kept_in_mind() %}
left join (select file, version, any_value(holds) as holds from {{ files_read() }} group by file, version) as known
    on listed.filename = known.file and listed.version = known.version
{%- endif %}
order by listed.filename
{%- endmacro %}

{# What besides a file decides what is found in it: the macros that look, and the encoding that is said. #}
{% macro looked_into_by() %}
    {% set known = memo('looked_into_by') %}
    {% if 'hash' not in known %}{% do known.update({'hash': local_md5((checksums_of_macros() | sort + [file_encoding()]) | join)[:8]}) %}{% endif %}
    {% do return(known.hash) %}
{% endmacro %}

{# The table of what was found in files; made before the first model, and there only in a build. #}
{% macro files_read() %}
    {% do return(api.Relation.create(database=target.database, schema=target.schema, identifier='pql_files_read')) %}
{% endmacro %}

{% macro files_are_kept_in_mind() %}
    {% set known, place = memo('files_read'), files_read() %}
    {% if 'is_there' not in known %}
        {% set query = 'select 1 from duckdb_tables() where database_name = ' ~ text_literal(place.database) ~ ' and schema_name = '
            ~ text_literal(place.schema) ~ ' and table_name = ' ~ text_literal(place.identifier) %}
        {% do known.update({'is_there': run_query(query).rows | length > 0}) %}
    {% endif %}
    {% do return(known.is_there) %}
{% endmacro %}

{# What was found in a file is forgotten when it was found anew. #}
{% macro make_files_read() -%}
create schema if not exists {{ files_read().without_identifier() }};
create table if not exists {{ files_read() }} (file varchar, version varchar, holds varchar, read_at varchar);
delete from {{ files_read() }} as older
where exists (select 1 from {{ files_read() }} as newer where newer.file = older.file and newer.read_at > older.read_at)
{%- endmacro %}

{#
    Of the spellings of a name that differ only in case, first the one that counts: ours, which is that of a column of an
    input or of the configuration, else the bytewise first.
#}
{% macro spellings_in_order(spellings) %}
    {% set ordered = spellings | sort(case_sensitive=true) %}
    {% if ordered | length == 1 %}{% do return(ordered) %}{% endif %}
    {% set ours, others = [], [] %}
    {% for name in ordered %}{% do (ours if is_spelt_as_ours(name) else others).append(name) %}{% endfor %}
    {% do return(ours + others) %}
{% endmacro %}

{% macro is_spelt_as_ours(name) %}
    {% set known = memo('spelt') %}
    {% if 'columns' not in known %}
        {% set columns = [] %}
        {% for columns_of_input in all_inputs().values() %}{% do columns.extend(columns_of_input | list) %}{% endfor %}
        {% do known.update({'columns': columns, 'configuration': written(pql_raw_config())}) %}
    {% endif %}
    {% do return(name in known.columns or tojson(name) in known.configuration) %}
{% endmacro %}

{# Which name stands for several spellings in the files of events; a new one in a new file may be another for the old ones. #}
{% macro duckdb__names_in_files() %}
    {% set known = [file_encoding()] %}
    {% for table in duckdb_tables_of_events() if table.found.spellings %}
        {% do known.append([table.source, table.name, table.found.spellings]) %}
    {% endfor %}
    {% do return(known) %}
{% endmacro %}

{# The tables of the sources of events, each a number of files or a table of the warehouse. #}
{% macro duckdb_tables_of_events() %}
    {% set tables = [] %}
    {% for source in pql_sources('pql_event_sources') if execute %}
        {% for name in (['events'] if source.adapter == 'canonical' else source.spec.tables) %}
            {% set is_table = source.schema or source.database or (source.models or {})[name] or (source.adapter == 'canonical' and input_model('events')) %}
            {% set found = source_table(source, name) if not is_table else {} %}
            {% if found is not none %}{% do tables.append({'source': source.name, 'name': name, 'found': found}) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(tables) %}
{% endmacro %}

{# The batches of events that are files, without reading one; a file changes with its size or its time. #}
{% macro duckdb__event_files() -%}
{%- set tables = duckdb_tables_of_events() | selectattr('found.files', 'defined') | list -%}
{%- for table in tables %}
select
    concat({{ text_literal(table.source) }}, ' ', filename) as batch_id,
    filename as batch_file,
    concat(size, ' ', last_modified) as version
from read_blob({{ table.found.files }})
{{ 'union all' if not loop.last }}
{%- else %}
{{ default__event_files() }}
{%- endfor %}
{%- endmacro %}

{# Whether some events stand in tables of the warehouse. #}
{% macro duckdb__events_are_in_tables() %}
    {% for table in duckdb_tables_of_events() if not table.found.files %}{% do return(true) %}{% endfor %}
    {% do return(not execute) %}
{% endmacro %}

{# A path as a pattern that matches only itself. #}
{% macro duckdb__glob_escaped(path) %}
    {% do return(path | replace('[', '[[]') | replace('*', '[*]') | replace('?', '[?]')) %}
{% endmacro %}

{#
    Which kinds of file lie at `place`, each with an example: NAME.<ending> itself, or any file in the folder NAME/ or, as
    Spark and Dask name it, NAME.<ending>/.
#}
{% macro duckdb__list_endings(place) -%}
{%- set escaped = duckdb__glob_escaped(place) -%}
with files as (
    select file, '' as folder, substr(file, {{ place | length + 1 }}) as ending
    from glob({{ text_literal(escaped ~ '.*') }})
    union all
    select
        file,
        case when starts_with(file, {{ text_literal(place ~ '/') }}) then '/' else '.' || split_part(substr(file, {{ place | length + 2 }}), '/', 1) end,
        regexp_extract(file, '[.][a-z]+([.]gz)?$')
    from glob([{{ text_literals([escaped ~ '/**/*', escaped ~ '.*/**/*']) }}])
)
select
    folder,
    ending,
    min(file) filter (where not {{ is_passed_over(place) }}) as example,
    count(*) filter (where {{ is_passed_over(place) }}) as passed_over
from files
group by folder, ending
having example is not null
order by folder, ending
{%- endmacro %}

{# Whether a file is its writer's own: `_SUCCESS`, `.part-0.crc`, or in a folder such as `_temporary`. #}
{% macro is_passed_over(place) -%}
regexp_matches(substr(file, {{ place | length + 1 }}), '/[._][^/=]*(/|$)')
{%- endmacro %}

{# A nested column of a file reads as JSON text. #}
{% macro duckdb__column_text(column, source_type) %}
    {% if source_type == 'JSON' %}
        {% do return('json_extract_string(' ~ column ~ ", '$')") %}
    {% elif source_type.startswith('STRUCT') and not source_type.endswith(']') %}
        {# without what is null in it: other files may know of more #}
        {% do return("cast(json_merge_patch('{}', to_json(" ~ column ~ ')) as varchar)') %}
    {% elif source_type.startswith('MAP') or source_type.endswith(']') %}
        {% do return('cast(to_json(' ~ column ~ ') as varchar)') %}
    {% elif source_type in ['DOUBLE', 'FLOAT'] %}
        {# an id of a file in which another lacks one: pandas writes 7 as 7.0 there, and a long one as 1.23e+15 #}
        {% do return('case when ' ~ column ~ ' = trunc(' ~ column ~ ') and abs(' ~ column ~ ') < 9e18 then cast(cast(' ~ column ~ ' as bigint) as varchar) else cast(' ~ column ~ ' as varchar) end') %}
    {% endif %}
    {% do return(default__column_text(column, source_type)) %}
{% endmacro %}

{# An infinite timestamp is no moment. #}
{% macro duckdb__column_timestamp(column, source_type, text) %}
    {% do return(postgres__column_timestamp(column, source_type, text)) %}
{% endmacro %}

{# The inputs whose files a query names; one that reads files of which nothing is known reads `files`, which have no version. #}
{% macro duckdb__files_read_by(sql) %}
    {% set read = [] %}
    {% if not modules.re.search('\\bread_[a-z_]+\\(', sql) %}{% do return(read) %}{% endif %}
    {% for place, found in memo('inputs').copy().items() if found %}
        {% if quoted(place)[:-1] in sql or quoted(duckdb__glob_escaped(place))[:-1] in sql %}{% do read.append('files of ' ~ place) %}{% endif %}
    {% endfor %}
    {% do return(read or ['files']) %}
{% endmacro %}

{% macro duckdb__version_of_files(name) %}
    {% set found = memo('inputs').get(name[9:]) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set query = "select md5(string_agg(concat(filename, ' ', size, ' ', last_modified), chr(10) order by filename)) from read_blob(" ~ found.files ~ ')' %}
    {% do return(run_query(query).columns[0].values()[0]) %}
{% endmacro %}

{# dbt-duckdb writes the path of a seed between quotes as it is; a folder with an apostrophe in its name ends them. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set sql = 'copy ' ~ this ~ ' from ' ~ text_literal(adapter.get_seed_file_path(model))
        ~ " (format csv, header true, quote '\"', comment '', delimiter " ~ text_literal(config.get('delimiter', ',')) ~ ')' %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {% do return(sql) %}
{% endmacro %}
