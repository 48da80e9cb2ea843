{#
    Parquet on DuckDB. Files of one input may differ: a column that one of them lacks is null there. Where a column is of
    several types, DuckDB would make them one, and a whole number beside fractions lose its last digits; such a column is
    read as JSON, of each file by its own type. So is one that a file has in several spellings, and bytes, which are text.
#}

{% macro parquet_input(input, files) %}
    {% set groups, seen = [], {} %}
    {% for row in run_query(kinds_of_parquet(files)).rows %}
        {% set alike = fromjson(row['files']) %}
        {% set columns = parquet_columns(alike[0]) %}
        {% do groups.append({'files': alike, 'columns': columns}) %}
        {% for column in columns %}
            {% set known = seen.setdefault(column.name | lower, {'spelt': {}, 'types': {}, 'as_json': []}) %}
            {% do known.spelt.update({column.name: true}) %}
            {% do known.types.update({column.type: true}) %}
            {% if column.is_repeated or column.type == 'BLOB' %}{% do known.as_json.append(column.name) %}{% endif %}
        {% endfor %}
    {% endfor %}
    {% set columns, several, as_json = {}, {}, [] %}
    {% for known in seen.values() %}
        {% set ordered = spellings_in_order(known.spelt) %}
        {% set is_json = known.as_json or known.types | length > 1 %}
        {% do columns.update({ordered[0]: 'JSON' if is_json else known.types | first}) %}
        {% if ordered | length > 1 %}{% do several.update({ordered[0]: ordered}) %}{% endif %}
        {% if is_json %}{% do as_json.append(ordered[0]) %}{% endif %}
    {% endfor %}
    {% set found = {'columns': columns, 'spellings': several, 'file': 'pql_file', 'from': parquet_reader(files)} %}
    {% if as_json %}
        {% set selects = [] %}
        {% for group in groups %}{% do selects.append(parquet_rows(group, columns, several, as_json)) %}{% endfor %}
        {% do found.update({'from': '(' ~ selects | join(' union all by name ') ~ ') as pql_rows'}) %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}

{% macro parquet_reader(files) %}
    {% do return('read_parquet(' ~ files ~ ", union_by_name = true, filename = 'pql_file')") %}
{% endmacro %}

{# The files of an input, those with the same columns together. #}
{% macro kinds_of_parquet(files) -%}
with kinds as (
    select
        file_name,
        md5(string_agg(concat_ws('|', name, type, converted_type, logical_type, num_children), ',' order by column_id)) as kind
    from parquet_schema({{ files }})
    group by file_name
)

select cast(to_json(list(file_name order by file_name)) as varchar) as files
from kinds
group by kind
order by min(file_name)
{%- endmacro %}

{# The columns of a file: as written, as DuckDB calls them, and of which type. DuckDB numbers a name that comes again. #}
{% macro parquet_columns(file) %}
    {% set names, inside = [], [0] %}
    {% set query = 'select name, num_children from parquet_schema(' ~ text_literal(file) ~ ') where column_id > 0 order by column_id' %}
    {% for row in run_query(query).rows %}
        {% if not inside[-1] %}{% do names.append(row[0]) %}{% endif %}
        {% do inside.append((inside[-1] - 1 if inside[-1] else 0) + (row[1] or 0) | int) %}
    {% endfor %}
    {% set columns, counts = [], {} %}
    {% for row in run_query('describe select * exclude (pql_file) from ' ~ parquet_reader(text_literal(file))).rows %}
        {% set name = names[loop.index0] if loop.index0 < names | length else row[0] %}
        {% do counts.update({name | lower: counts.get(name | lower, 0) + 1}) %}
        {% do columns.append({'name': name, 'read_as': row[0], 'type': row[1], 'is_repeated': counts[name | lower] > 1}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}

{# The rows of files with the same columns, each under the one name that its spellings have. #}
{% macro parquet_rows(group, columns, spellings, as_json) %}
    {% set selected = ['pql_file'] %}
    {% for column in columns %}
        {% set values = [] %}
        {% for spelt in spellings.get(column, [column]) %}
            {% for own in group.columns if own.name == spelt %}
                {% do values.append(parquet_json(quoted_name(own.read_as), own.type) if column in as_json else quoted_name(own.read_as)) %}
            {% endfor %}
        {% endfor %}
        {% if values %}
            {% do selected.append((values[0] if values | length == 1 else 'coalesce(' ~ values | join(', ') ~ ')') ~ ' as ' ~ quoted_name(column)) %}
        {% endif %}
    {% endfor %}
    {% do return('select ' ~ selected | join(', ') ~ ' from ' ~ parquet_reader('[' ~ text_literals(group.files) ~ ']')) %}
{% endmacro %}

{# A value as JSON; a number without a fraction is a whole one, and a moment is UTC. #}
{% macro parquet_json(column, type) %}
    {% if type in ['DOUBLE', 'FLOAT'] or type.endswith(',0)') %}
        {% do return('cast(' ~ duckdb__column_text(column, type) ~ ' as json)') %}
    {% elif type == 'TIMESTAMP WITH TIME ZONE' %}
        {% do return("to_json(timezone('UTC', " ~ column ~ '))') %}
    {% elif type == 'BLOB' %}
        {% do return('to_json(try(decode(' ~ column ~ ')))') %}
    {% endif %}
    {% do return('to_json(' ~ column ~ ')') %}
{% endmacro %}
