{% macro duckdb__not_materialized() -%} not materialized {%- endmacro %}

{# Where one file has timestamps with a time zone and another has them without, DuckDB reads these in the machine's own. #}
{% macro duckdb__prepare_engine() -%}
set global TimeZone = 'UTC'
{%- if execute and flags.WHICH in ['build', 'run'] %};
{{ make_files_read() }}
{%- endif %}
{%- endmacro %}

{% macro duckdb__local_timestamp(timestamp, zone) -%}
{{ postgres__local_timestamp(timestamp, zone) }}
{%- endmacro %}

{% macro duckdb__utc_timestamp(local, zone) -%}
{{ postgres__utc_timestamp(local, zone) }}
{%- endmacro %}

{% macro duckdb__moment_text(timestamp) -%}
strftime({{ timestamp }}, '%Y-%m-%dT%H:%M:%SZ')
{%- endmacro %}

{# DuckDB casts to a number of 18 digits eighty times as fast as to one of 28, which few values need. #}
{% macro duckdb__text_to_number(text) -%}
case
    when regexp_full_match({{ text }}, '[+-]?([0-9]{1,11}([.][0-9]*)?|[.][0-9]+)')
        then try_cast({{ text }} as numeric(18, 6))
    when regexp_full_match({{ text }}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
        then try_cast({{ text }} as numeric(28, 6))
end
{%- endmacro %}

{% macro duckdb__text_to_timestamp(text) -%}
case
    when not regexp_full_match({{ text }}, '[0-9]{4,6}[-/][0-9]{1,2}[-/][0-9]{1,2}(([tT]| {1,2})[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]*)?)?( ?{{ clock_offset() }})?)?')
        then null
    when regexp_matches({{ text }}, '[0-9][ ]?([zZ]|UTC|[+-][0-9]{2}:?([0-9]{2})?)$')
        and length({{ text }}) > 10
        then timezone('UTC', try_cast({{ with_seconds_and_offset(text) }} as timestamptz))
    else try_cast(upper({{ text }}) as timestamp)
end
{%- endmacro %}

{% macro duckdb__is_json(text) -%}
json_valid({{ text }})
{%- endmacro %}

{% macro duckdb__json_text(json, key) -%}
json_extract_string({{ json }}, {{ text_literal('/' ~ key | replace('~', '~0') | replace('/', '~1')) }})
{%- endmacro %}

{% macro duckdb__json_object(columns) -%}
cast(json_object(
    {%- for key, column in columns.items() %}{{ text_literal(key) }}, {{ quoted_name(column) }}{{ ', ' if not loop.last }}{% endfor -%}
) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro duckdb__json_of_values(columns) -%}
cast(json_merge_patch('{}', {{ duckdb__json_object(columns) }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro duckdb__hash_number(text) -%}
cast(hash({{ text }}) >> 1 as bigint)
{%- endmacro %}

{% macro duckdb__json_path_text(json, keys) -%}
{%- set pointer = [] -%}
{%- for key in keys %}{% do pointer.append('/' ~ key | replace('~', '~0') | replace('/', '~1')) %}{% endfor -%}
case when {{ is_json(json) }} then json_extract_string({{ json }}, {{ text_literal(pointer | join) }}) end
{%- endmacro %}

{% macro duckdb__is_epoch(text) -%}
regexp_full_match({{ text }}, '[0-9]{9,19}([.][0-9]+)?')
{%- endmacro %}

{% macro duckdb__epoch_to_timestamp(seconds) -%}
make_timestamp(cast(round(({{ seconds }}) * 1000000) as bigint))
{%- endmacro %}

{% macro duckdb__keyed_values_json(list) -%}
(
    select cast(json_group_object(
        json_extract_string(item, '$.key'),
        coalesce(
            {%- for name in keyed_value_names() %}
            nullif(json_extract(item, '$.value.{{ name }}'), cast('null' as json)){{ ',' if not loop.last }}
            {%- endfor %}
        )
    ) as varchar)
    from unnest(from_json({{ list }}, '["JSON"]')) as items (item)
)
{%- endmacro %}

{% macro duckdb__ordered_json(json) -%}
coalesce((
    select string_agg(concat(substr(fullkey, 3), '=', atom ->> '$'), chr(10) order by concat(substr(fullkey, 3), '=', atom ->> '$'))
    from json_tree(case when {{ is_json(json) }} then {{ json }} end)
    where type not in ('OBJECT', 'ARRAY', 'NULL')
), {{ json }})
{%- endmacro %}

{% macro duckdb__each_of_list(list) -%}
cross join unnest(from_json(case when {{ is_json(list) }} then case when json_type({{ list }}) = 'ARRAY' then {{ list }} end end, '["JSON"]')) as elements (element)
{%- endmacro %}

{% macro duckdb__list_element() -%}
json_extract_string(elements.element, '$')
{%- endmacro %}

{% macro duckdb__add_days(day, days) -%}
{{ postgres__add_days(day, days) }}
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
{{ postgres__days_between(earlier, later) }}
{%- endmacro %}

{% macro duckdb__replace_all(text, pattern, replacement) -%}
{{ postgres__replace_all(text, pattern, replacement) }}
{%- endmacro %}

{% macro duckdb__hash_of_rows(rows) -%}
concat(count(*), ' ', sum(cast(hash({{ rows }}) as hugeint)))
{%- endmacro %}
