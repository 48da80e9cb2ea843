{# Nested columns and numeric clocks, as trackers deliver them. #}

{# The text at a path inside JSON text; a number in the path is a place in a list. Null where absent or not JSON. #}
{% macro json_path_text(json, keys) %}
    {{- return(adapter.dispatch('json_path_text', 'pql_warehouse')(json, keys)) -}}
{% endmacro %}

{% macro default__json_path_text(json, keys) -%}
{%- set pointer = [] -%}
{%- for key in keys %}{% do pointer.append('/' ~ key | replace('~', '~0') | replace('/', '~1')) %}{% endfor -%}
case when {{ is_json(json) }} then json_extract_string({{ json }}, {{ text_literal(pointer | join) }}) end
{%- endmacro %}

{% macro postgres__json_path_text(json, keys) -%}
case
    when {{ is_json(json) }}
        then cast({{ json }} as jsonb) #>> array[{{ text_literals(keys) }}]
end
{%- endmacro %}

{% macro json_dollar_path(keys) -%}
{%- set path = ['$'] -%}
{%- for key in keys %}{% do path.append('[' ~ key ~ ']' if key.isdigit() else "['" ~ key ~ "']") %}{% endfor -%}
{{ path | join }}
{%- endmacro %}

{% macro spark__json_path_text(json, keys) -%}
get_json_object({{ json }}, {{ text_literal(json_dollar_path(keys)) }})
{%- endmacro %}

{% macro snowflake__json_path_text(json, keys) -%}
{%- set path = [] -%}
{%- for key in keys %}{% do path.append('[' ~ key ~ ']' if key.isdigit() else '["' ~ key ~ '"]') %}{% endfor -%}
cast(get_path(try_parse_json({{ json }}), {{ text_literal(path | join) }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro bigquery__json_path_text(json, keys) -%}
{%- set path = ['$'] -%}
{%- for key in keys %}{% do path.append('[' ~ key ~ ']' if key.isdigit() else '."' ~ key ~ '"') %}{% endfor -%}
json_value({{ json }}, {{ text_literal(path | join) }})
{%- endmacro %}

{# Text as a UTC moment: as text_to_timestamp reads it, or a number of seconds, milli-, micro- or nanoseconds since 1970. #}
{% macro text_to_moment(text) -%}
case
    when {{ is_epoch(text) }} then {{ epoch_to_timestamp(epoch_seconds(text)) }}
    else {{ text_to_timestamp(text) }}
end
{%- endmacro %}

{# Nine digits or more, so that a date such as 20260601 is none. #}
{% macro is_epoch(text) %}
    {{- return(adapter.dispatch('is_epoch', 'pql_warehouse')(text)) -}}
{% endmacro %}

{% macro default__is_epoch(text) -%}
regexp_full_match({{ text }}, '[0-9]{9,19}([.][0-9]+)?')
{%- endmacro %}

{% macro postgres__is_epoch(text) -%}
{{ text }} ~ '^[0-9]{9,19}([.][0-9]+)?$'
{%- endmacro %}

{% macro spark__is_epoch(text) -%}
{{ text }} rlike '^[0-9]{9,19}([.][0-9]+)?$'
{%- endmacro %}

{% macro snowflake__is_epoch(text) -%}
regexp_like({{ text }}, '[0-9]{9,19}([.][0-9]+)?')
{%- endmacro %}

{% macro bigquery__is_epoch(text) -%}
regexp_contains({{ text }}, r'^[0-9]{9,19}([.][0-9]+)?$')
{%- endmacro %}

{# The unit shows in the size: seconds have at most 11 digits, milliseconds 14, microseconds 17. #}
{% macro epoch_seconds(text) -%}
{%- set number = text_to_number(text) -%}
case
    when {{ number }} < 100000000000 then {{ number }}
    when {{ number }} < 100000000000000 then {{ number }} / 1000
    when {{ number }} < 100000000000000000 then {{ number }} / 1000000
    else {{ number }} / 1000000000
end
{%- endmacro %}

{% macro epoch_to_timestamp(seconds) %}
    {{- return(adapter.dispatch('epoch_to_timestamp', 'pql_warehouse')(seconds)) -}}
{% endmacro %}

{% macro default__epoch_to_timestamp(seconds) -%}
make_timestamp(cast(round(({{ seconds }}) * 1000000) as bigint))
{%- endmacro %}

{% macro postgres__epoch_to_timestamp(seconds) -%}
(to_timestamp({{ seconds }}) at time zone 'UTC')
{%- endmacro %}

{% macro spark__epoch_to_timestamp(seconds) -%}
timestamp_micros(cast(round(({{ seconds }}) * 1000000) as bigint))
{%- endmacro %}

{% macro snowflake__epoch_to_timestamp(seconds) -%}
to_timestamp_ntz(cast(round(({{ seconds }}) * 1000000) as bigint), 6)
{%- endmacro %}

{% macro bigquery__epoch_to_timestamp(seconds) -%}
timestamp_micros(cast(round(({{ seconds }}) * 1000000) as int64))
{%- endmacro %}

{# A list of {key, value: {string_value, int_value, …}} as one JSON object: GA4's parameters. `list` is JSON text. #}
{% macro keyed_values_json(list) %}
    {{- return(adapter.dispatch('keyed_values_json', 'pql_warehouse')(list)) -}}
{% endmacro %}

{% macro keyed_value_names() %}
    {% do return(['string_value', 'int_value', 'double_value', 'float_value']) %}
{% endmacro %}

{% macro default__keyed_values_json(list) -%}
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

{% macro postgres__keyed_values_json(list) -%}
(
    select cast(json_object_agg(
        item ->> 'key',
        coalesce(
            {%- for name in keyed_value_names() %}
            nullif(item -> 'value' -> '{{ name }}', cast('null' as jsonb)){{ ',' if not loop.last }}
            {%- endfor %}
        )
    ) as text)
    from jsonb_array_elements(cast({{ list }} as jsonb)) as items (item)
)
{%- endmacro %}

{% macro spark__keyed_values_json(list) -%}
to_json(map_from_entries(transform(
    from_json({{ list }}, 'array<struct<key: string, value: struct<string_value: string, int_value: string, double_value: string, float_value: string>>>'),
    item -> struct(item.key, coalesce(item.value.string_value, item.value.int_value, item.value.double_value, item.value.float_value))
)))
{%- endmacro %}

{% macro snowflake__keyed_values_json(list) -%}
cast(reduce(
    parse_json({{ list }}),
    object_construct(),
    (all_values, item) -> object_insert(all_values, item:key::varchar, coalesce(
        {%- for name in keyed_value_names() %}item:value:{{ name }}{{ ', ' if not loop.last }}{% endfor -%}
    ), true)
) as varchar)
{%- endmacro %}

{% macro bigquery__keyed_values_json(list) -%}
(
    select concat('{', string_agg(concat(
        to_json_string(json_value(item, '$.key')),
        ':',
        coalesce({% for name in keyed_value_names() %}to_json_string(json_value(item, '$.value.{{ name }}')){{ ', ' if not loop.last }}{% endfor %})
    ), ','), '}')
    from unnest(json_query_array({{ list }})) as item
)
{%- endmacro %}

{# JSON text with its keys in one order and without its nulls, as lines `key=value`; other text as it is. To be compared only. #}
{% macro ordered_json(json) %}
    {{- return(adapter.dispatch('ordered_json', 'pql_warehouse')(json)) -}}
{% endmacro %}

{% macro default__ordered_json(json) -%}
coalesce((
    select string_agg(concat(substr(fullkey, 3), '=', atom ->> '$'), chr(10) order by concat(substr(fullkey, 3), '=', atom ->> '$'))
    from json_tree(case when {{ is_json(json) }} then {{ json }} end)
    where type not in ('OBJECT', 'ARRAY', 'NULL')
), {{ json }})
{%- endmacro %}

{% macro postgres__ordered_json(json) -%}
{{ postgres_function('pql_ordered_json') }}({{ json }})
{%- endmacro %}

{# What is nested further down is ordered by Spark's own type for JSON. #}
{% macro spark__ordered_json(json) -%}
coalesce(nullif(array_join(array_sort(transform(
    map_entries(from_json(to_json(try_parse_json({{ json }})), 'map<string, string>')),
    entry -> concat(entry.key, '=', entry.value)
)), {{ character(10) }}), ''), {{ json }})
{%- endmacro %}

{% macro snowflake__ordered_json(json) -%}
coalesce(to_json(strip_null_value(try_parse_json({{ json }}))), {{ json }})
{%- endmacro %}

{% macro bigquery__ordered_json(json) -%}
coalesce(to_json_string(json_strip_nulls(safe.parse_json({{ json }}))), {{ json }})
{%- endmacro %}

{# What joins a row with each element of a JSON list, `list` being JSON text; `list_element` is the element as text. #}
{% macro each_of_list(list) %}
    {{- return(adapter.dispatch('each_of_list', 'pql_warehouse')(list)) -}}
{% endmacro %}

{% macro list_element() %}
    {{- return(adapter.dispatch('list_element', 'pql_warehouse')()) -}}
{% endmacro %}

{% macro default__each_of_list(list) -%}
cross join unnest(from_json(case when {{ is_json(list) }} then case when json_type({{ list }}) = 'ARRAY' then {{ list }} end end, '["JSON"]')) as elements (element)
{%- endmacro %}

{% macro default__list_element() -%}
json_extract_string(elements.element, '$')
{%- endmacro %}

{% macro postgres__each_of_list(list) -%}
cross join lateral jsonb_array_elements(
    case when {{ is_json(list) }} then case when jsonb_typeof(cast({{ list }} as jsonb)) = 'array' then cast({{ list }} as jsonb) end end
) as elements (element)
{%- endmacro %}

{% macro postgres__list_element() -%}
elements.element #>> array[]::text[]
{%- endmacro %}

{% macro spark__each_of_list(list) -%}
lateral view explode(from_json({{ list }}, 'array<string>')) elements as element
{%- endmacro %}

{% macro spark__list_element() -%}
elements.element
{%- endmacro %}

{% macro snowflake__each_of_list(list) -%}
cross join lateral flatten(input => case when is_array(try_parse_json({{ list }})) then try_parse_json({{ list }}) end) as elements
{%- endmacro %}

{% macro snowflake__list_element() -%}
cast(elements.value as {{ dbt.type_string() }})
{%- endmacro %}

{% macro bigquery__each_of_list(list) -%}
cross join unnest(json_query_array({{ list }})) as element
{%- endmacro %}

{% macro bigquery__list_element() -%}
coalesce(json_value(element), element)
{%- endmacro %}
