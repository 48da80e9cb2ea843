{#
    Newline JSON on DuckDB, read as lines: left to itself it takes the keys of the first 20,480 lines for all there are, and
    makes one column of lines that have many rare ones. Which keys there are is asked of every line, once of each file.
#}

{% macro json_input(input, files) %}
    {% set spellings = {} %}
    {% for file in looked_into(input, files, look_into_json) %}
        {% for key in file.holds %}{% do spellings.setdefault(key | lower, {}).update({key: true}) %}{% endfor %}
    {% endfor %}
    {% set columns, several, found = {}, {}, {} %}
    {% for spelt in spellings.values() %}
        {% set ordered = spellings_in_order(spelt) %}
        {% do columns.update({ordered[0]: 'JSON'}) %}
        {% if ordered | length > 1 %}{% do several.update({ordered[0]: ordered}) %}{% endif %}
    {% endfor %}
    {% set rows = 'read_json_objects(' ~ files ~ ", format = 'auto', maximum_object_size = 268435456, filename = 'pql_file')" %}
    {% set wrapper = wrapping_key(input, columns, rows) %}
    {% if wrapper %}
        {% set path = text_literal('/' ~ wrapper) %}
        {% set rows, columns, several = '(select json_extract(json, ' ~ path ~ ') as json, pql_file from ' ~ rows ~ ')', {}, {} %}
        {% for row in run_query('select distinct unnest(json_keys(json)) as key from ' ~ rows ~ ' order by key').rows %}{% do columns.update({row[0]: 'JSON'}) %}{% endfor %}
    {% endif %}
    {% do found.update({'columns': columns, 'spellings': several, 'file': 'pql_file', 'lines': rows}) %}
    {% do found.update({'from': json_rows(found, columns)}) %}
    {% do return(found) %}
{% endmacro %}

{#
    Some interfaces give each row inside an object under its own name: of `invoices`, {"invoice": {…}}, of `subscriptions`
    beside its {"customer": {…}}. The key that the rows of a table stand under, none where they stand for themselves.
#}
{% macro wrapping_key(input, columns, rows) %}
    {% set table = input.split('/') | last %}
    {% for column in columns if column | lower == 'id' or column | lower in (all_inputs()[table] or {}) %}{% do return(none) %}{% endfor %}
    {% for key in [table[:-1], table[:-3] ~ 'y'] if key in columns %}
        {% set odd = "coalesce(json_type(json, " ~ text_literal('/' ~ key) ~ "), '') <> 'OBJECT'" %}
        {% if run_query('select count(*) from (select 1 from ' ~ rows ~ ' where ' ~ odd ~ ' limit 1) as odd_rows').rows[0][0] == 0 %}{% do return(key) %}{% endif %}
    {% endfor %}
    {% do return(none) %}
{% endmacro %}

{# The rows of lines with some of their keys as columns: each line is gone through once. #}
{% macro json_rows(found, columns) %}
    {% set paths, selected = [], [] %}
    {% for column in columns %}
        {% set values = [] %}
        {% for key in found.spellings.get(column, [column]) %}
            {% do paths.append(text_literal('/' ~ key | replace('~', '~0') | replace('/', '~1'))) %}
            {% do values.append("nullif(found_values[" ~ paths | length ~ "], 'null')") %}
        {% endfor %}
        {% do selected.append((values[0] if values | length == 1 else 'coalesce(' ~ values | join(', ') ~ ')') ~ ' as ' ~ quoted_name(column)) %}
    {% endfor %}
    {% set read = '(select json as pql_line, pql_file' ~ (', json_extract(json, [' ~ paths | join(', ') ~ ']) as found_values' if paths)
        ~ ' from ' ~ found.lines ~ ')' %}
    {% do return('(select ' ~ (['pql_line', 'pql_file'] + selected) | join(', ') ~ ' from ' ~ read ~ ' as pql_lines) as pql_rows') %}
{% endmacro %}

{# Only the keys that a query names; one that goes through a line for a thousand rare keys takes as long as all the rest. #}
{% macro json_rows_for(found, query) %}
    {% set named = {} %}
    {% for column, type in found.columns.items() if quoted_name(column) in query %}{% do named.update({column: type}) %}{% endfor %}
    {% do return(json_rows(found, named)) %}
{% endmacro %}

{#
    Some columns of a line as one JSON object, {key: column}: the line without all others and without nulls, so that rare
    keys cost nothing where they are not.
#}
{% macro line_json(found, columns) %}
    {% set keys, removed, added = {}, {}, {} %}
    {% for key, column in columns.items() %}{% do keys.update({column: key}) %}{% endfor %}
    {% for column in found.columns %}
        {% set spelt = found.spellings.get(column, [column]) %}
        {% if spelt != [keys[column]] %}
            {% for key in spelt %}{% do removed.update({key: none}) %}{% endfor %}
            {% if column in keys %}{% do added.update({keys[column]: column}) %}{% endif %}
        {% endif %}
    {% endfor %}
    {% set parts = ["'{}'", 'pql_line'] + ([text_literal(tojson(removed))] if removed else []) + ([duckdb__json_object(added)] if added else []) %}
    {% do return('cast(json_merge_patch(' ~ parts | join(', ') ~ ') as varchar)') %}
{% endmacro %}

{# What stands in files of lines, as (file, holds, fault): every key of every line. #}
{% macro look_into_json(input, files) %}
    {% set faults, found = faults_of_json(files), [] %}
    {% for file, fault in faults.items() %}{% do found.append([file, none, fault]) %}{% endfor %}
    {% do return(found or run_query(keys_of_json(files)).rows) %}
{% endmacro %}

{# Why files cannot be read, {file: fault}. #}
{% macro faults_of_json(files) %}
    {% set faults, lines = {}, lines_of_files(files, 'utf-8', true) %}
    {% do run_query('drop table if exists pql_csv_faults; drop table if exists pql_csv_scans') %}
    {% set doubtful = run_query("select pql_file from (from " ~ lines ~ ") as lines where trim(line) <> '' and not json_valid(line) group by pql_file order by pql_file") %}
    {% set odd = run_query("select scans.file_path, min(faults.line) from pql_csv_faults as faults inner join pql_csv_scans as scans using (scan_id, file_id) "
        ~ "where faults.error_type = 'INVALID ENCODING' group by scans.file_path order by scans.file_path") %}
    {% for row in odd.rows %}
        {% do faults.update({row[0]: 'is not UTF-8 (line ' ~ row[1] ~ '), as JSON must be; convert it: `iconv -f ENCODING -t utf-8`'}) %}
    {% endfor %}
    {% for row in doubtful.rows if row[0] not in faults %}
        {% set fault = fault_of_json(row[0]) %}
        {% if fault %}{% do faults.update({row[0]: fault}) %}{% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{# Of a file that is not an object a line: one list of them, or objects over several lines, are read as well. #}
{% macro fault_of_json(file) %}
    {% set lines = 'select row_number() over () as number, line from ' ~ lines_of_files(text_literal(file), 'utf-8') %}
    {% set first = run_query("select line, json_valid(line) from (" ~ lines ~ ") as lines where trim(line) <> '' order by number limit 1").rows[0] %}
    {% set start = (first[0] | trim)[:1] %}
    {% if start not in ['{', '['] %}
        {% do return('is no JSON: it begins with `' ~ (first[0] | string)[:80] ~ '`') %}
    {% elif start == '[' and not file.endswith('.gz') and not run_query('select json_valid(content) from read_text(' ~ text_literal(file) ~ ')').rows[0][0] %}
        {% do return('is no JSON: it begins with `[`, but is no list; it may have been cut off') %}
    {% elif start == '{' and first[1] %}
        {% set bad = run_query('select number, left(line, 80) from (' ~ lines ~ ") as lines where trim(line) <> '' and not json_valid(line) order by number limit 1").rows[0] %}
        {% do return('has a line that is no JSON: line ' ~ bad[0] ~ ' (`' ~ bad[1] ~ '`); it may have been cut off') %}
    {% endif %}
    {% do return(none) %}
{% endmacro %}

{% macro keys_of_json(files) -%}
with shapes as (
    select distinct pql_file, json_keys(json) as keys
    from read_json_objects({{ files }}, format = 'auto', maximum_object_size = 268435456, filename = 'pql_file')
),

keys as (
    select distinct pql_file, unnest(keys) as key from shapes
),

repeated as (
    select pql_file, min(key) as key
    from (select pql_file, keys, unnest(keys) as key from shapes where len(keys) > len(list_distinct(keys))) as shape_keys
    group by pql_file, keys, key
    having count(*) > 1
)

select
    pql_file as file,
    cast(to_json(list(key)) as varchar) as holds,
    (select 'has the key ' || to_json(min(repeated.key)) || ' twice in one line; write it once' from repeated where repeated.pql_file = keys.pql_file) as fault
from keys
group by pql_file
{%- endmacro %}
