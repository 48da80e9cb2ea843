{# DuckDB reads the inputs from files: $PQL_DATA_DIR/NAME.parquet, or a folder NAME/ of them; CSV and JSON work too. #}

{% macro data_dir() %}
    {% do return(env_var('PQL_DATA_DIR', 'demo_data')) %}
{% endmacro %}

{% macro duckdb__input_address(input, relation) %}
    {% do return(data_dir() ~ '/' ~ input ~ '.parquet or a folder ' ~ data_dir() ~ '/' ~ input
        ~ '/ of Parquet files (CSV and newline JSON work too)') %}
{% endmacro %}

{% macro duckdb__find_input(input, relation) %}
    {% set place = data_dir() ~ '/' ~ input %}
    {# left to DuckDB, a CSV's first rows decide: lines that begin with # are comments, rows that are odd are skipped #}
    {% set readers = {
        'parquet': "read_parquet({}, union_by_name = true{})",
        'csv': "read_csv({}, all_varchar = true, header = true, quote = '\"', comment = '', skip = 0, union_by_name = true{})",
        'json': "read_json({}, maximum_depth = 1, union_by_name = true{})",
    } %}
    {% set endings = {
        '.parquet': 'parquet', '.csv': 'csv', '.csv.gz': 'csv',
        '.json': 'json', '.jsonl': 'json', '.ndjson': 'json', '.json.gz': 'json', '.jsonl.gz': 'json', '.ndjson.gz': 'json',
    } %}
    {% set found, unread = [], [] %}
    {% set pattern = duckdb__glob_escaped(place) %}
    {% for row in run_query(duckdb__list_endings(place)).rows %}
        {% if row[1] in endings %}
            {% do found.append({'pattern': pattern ~ ('/**/*' if row[0] else '') ~ row[1], 'format': endings[row[1]]}) %}
        {% elif row[0] %}
            {% do unread.append(row[2]) %}
        {% endif %}
    {% endfor %}
    {% if unread and not kept_for_run('unread').get(place) %}
        {% do kept_for_run('unread').update({place: true}) %}
        {% do exceptions.warn(
            "'" ~ input ~ "': files are left unread, such as " ~ unread | join(', ') ~ '. Read are those that end with '
            ~ endings | join(', ') ~ ', in lower case: rename the others, convert them, or put them elsewhere.'
        ) %}
    {% endif %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% if found | length > 1 %}
        {% do exceptions.raise_compiler_error(
            "'" ~ input ~ "' is there more than once: " ~ found | map(attribute='pattern') | join(', ') ~ '. Keep one of them.'
        ) %}
    {% endif %}
    {% set reader, pattern = readers[found[0].format], text_literal(found[0].pattern) %}
    {% set columns = {} %}
    {% for row in run_query('describe select * from ' ~ reader.format(pattern, '')).rows %}
        {% do columns.update({row[0]: row[1]}) %}
    {% endfor %}
    {% do return({'from': reader.format(pattern, ", filename = 'pql_file'"), 'columns': columns, 'file': 'pql_file'}) %}
{% endmacro %}

{# A path as a pattern that matches only itself. #}
{% macro duckdb__glob_escaped(path) %}
    {% do return(modules.re.sub('([*?[])', '[\\1]', path)) %}
{% endmacro %}

{# Which kinds of file lie at `place`, each with an example: NAME.<ending> itself, or any file in the folder NAME/. #}
{% macro duckdb__list_endings(place) -%}
with files as (
    select file, false as is_in_folder, substr(file, {{ place | length + 1 }}) as ending
    from glob({{ text_literal(duckdb__glob_escaped(place) ~ '.*') }})
    union all
    select file, true as is_in_folder, regexp_extract(file, '[.][a-z]+([.]gz)?$') as ending
    from glob({{ text_literal(duckdb__glob_escaped(place) ~ '/**/*') }})
)
select is_in_folder, ending, min(file) as example
from files
where not regexp_matches(file, '/_[^/]*$')
group by is_in_folder, ending
order by is_in_folder, ending
{%- endmacro %}

{# A nested column of a file reads as JSON text. #}
{% macro duckdb__column_text(column, source_type) %}
    {% if source_type == 'JSON' %}
        {% do return('json_extract_string(' ~ column ~ ", '$')") %}
    {% elif source_type.startswith('STRUCT') or source_type.startswith('MAP') or source_type.endswith(']') %}
        {% do return('cast(to_json(' ~ column ~ ') as varchar)') %}
    {% elif source_type in ['DOUBLE', 'FLOAT'] %}
        {# an id of a file in which another lacks one: pandas writes 7 as 7.0 there #}
        {% do return("regexp_replace(cast(" ~ column ~ " as varchar), '[.]0$', '')") %}
    {% endif %}
    {% do return(default__column_text(column, source_type)) %}
{% endmacro %}

{# An infinite timestamp is no moment. #}
{% macro duckdb__column_timestamp(column, source_type, text) %}
    {% set moment = default__column_timestamp(column, source_type, text) %}
    {% do return('case when isfinite(' ~ moment ~ ') then ' ~ moment ~ ' end') %}
{% endmacro %}

{% macro duckdb__file_versions(files) -%}
select filename as file, concat(size, ' ', last_modified) as version
from read_blob([{{ text_literals(files) }}])
{%- endmacro %}

{# dbt-duckdb writes the path of a seed between quotes as it is; a folder with an apostrophe in its name ends them. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set sql = 'copy ' ~ this ~ ' from ' ~ text_literal(adapter.get_seed_file_path(model))
        ~ " (format csv, header true, quote '\"', comment '', delimiter " ~ text_literal(config.get('delimiter', ',')) ~ ')' %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {% do return(sql) %}
{% endmacro %}
