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
    {% do found.update({'columns': columns, 'spellings': several, 'file': 'pql_file', 'lines': rows}) %}
    {% do found.update({'from': json_rows(found, columns)}) %}
    {% do return(found) %}
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
        {% do selected.append((values[0] if values | length == 1 else 'coalesce(' ~ values | join(', ') ~ ')') ~ ' as ' ~ identifier(column)) %}
    {% endfor %}
    {% set read = '(select json as pql_line, pql_file' ~ (', json_extract(json, [' ~ paths | join(', ') ~ ']) as found_values' if paths)
        ~ ' from ' ~ found.lines ~ ')' %}
    {% do return('(select ' ~ (['pql_line', 'pql_file'] + selected) | join(', ') ~ ' from ' ~ read ~ ' as pql_lines) as pql_rows') %}
{% endmacro %}

{# Only the keys that a query names; one that goes through a line for a thousand rare keys takes as long as all the rest. #}
{% macro json_rows_for(found, query) %}
    {% set named = {} %}
    {% for column, type in found.columns.items() if identifier(column) in query %}{% do named.update({column: type}) %}{% endfor %}
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
    {% set parts = ["'{}'", 'pql_line'] + ([text_literal(tojson(removed))] if removed else []) + ([default__json_object(added)] if added else []) %}
    {% do return('cast(json_merge_patch(' ~ parts | join(', ') ~ ') as varchar)') %}
{% endmacro %}

{# What stands in files of lines, as (file, holds, fault): every key of every line. #}
{% macro look_into_json(input, files) %}
    {% do return(run_query(keys_of_json(files)).rows) %}
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
