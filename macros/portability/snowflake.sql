{# Snowflake. A UTC moment is a TIMESTAMP_NTZ. Nothing here has run on it (docs/engines.md says what has been checked, and how). #}

{# There every statement is its own. #}
{% macro snowflake__in_one_transaction(statements) -%}
begin;
{{ statements }};
commit;
{%- endmacro %}

{% macro snowflake__physical_design(day, account) %}
    {% do return({'cluster_by': ['cast(' ~ day ~ ' as date)', account] | select | list}) %}
{% endmacro %}

{# A name written without quotes is kept in capitals. #}
{% macro snowflake__written_name(column) %}
    {% do return(column | lower if column == column | upper else column) %}
{% endmacro %}

{# A backslash is an escape character in its literals. #}
{% macro snowflake__quoted(text) -%}
'{{ text | replace('\\', '\\\\') | replace("'", "\\'") }}'
{%- endmacro %}

{% macro snowflake__code_point(hex) %}{% do return('\\u' ~ hex) %}{% endmacro %}

{% macro snowflake__local_timestamp(timestamp, zone) -%}
convert_timezone('UTC', {{ zone }}, {{ timestamp }})
{%- endmacro %}

{% macro snowflake__utc_timestamp(local, zone) -%}
convert_timezone({{ zone }}, 'UTC', {{ local }})
{%- endmacro %}

{% macro snowflake__just_before(timestamp) -%}
dateadd(microsecond, -1, {{ timestamp }})
{%- endmacro %}

{% macro snowflake__moment_text(timestamp) -%}
to_char({{ timestamp }}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
{%- endmacro %}

{% macro snowflake__epoch_to_timestamp(seconds) -%}
to_timestamp_ntz(cast(round(({{ seconds }}) * 1000000) as bigint), 6)
{%- endmacro %}

{# `regexp_like` asks for the whole text; the pattern keeps `try_to_decimal` from texts such as `1,000`. #}
{% macro snowflake__text_to_number(text) -%}
case
    when regexp_like({{ text }}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
        then try_to_decimal({{ text }}, 28, 6)
end
{%- endmacro %}

{# Its own recognition of formats takes no offset without a colon beside a blank, hence the spelling out. #}
{% macro snowflake__text_to_timestamp(text) -%}
{%- set written = "regexp_replace(replace(upper(" ~ text ~ "), '/', '-'), ' ?(Z|UTC)$', '+00:00')" -%}
{%- set written = "regexp_replace(" ~ written ~ ", '(:[0-9]{2}([.][0-9]*)?) ?([+-][0-9]{2}):?([0-9]{2})?$', '\\\\1\\\\3:\\\\4')" -%}
{%- set written = "regexp_replace(" ~ written ~ ", '([+-][0-9]{2}):$', '\\\\1:00')" -%}
{%- set written = "regexp_replace(" ~ written ~ ", ' {2}', ' ')" -%}
case
    when not regexp_like({{ text }}, '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(([tT]| {1,2})[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]*)?)?( ?{{ clock_offset() }})?)?')
        then null
    when regexp_like({{ written }}, '.{11,}[+-][0-9]{2}:[0-9]{2}')
        then cast(convert_timezone('UTC', try_cast({{ written }} as timestamp_tz)) as timestamp_ntz)
    else try_cast({{ written }} as timestamp_ntz)
end
{%- endmacro %}

{% macro snowflake__is_epoch(text) -%}
regexp_like({{ text }}, '[0-9]{9,19}([.][0-9]+)?')
{%- endmacro %}

{# `check_json` says what is wrong with a text, and nothing where nothing is. #}
{% macro snowflake__is_json(text) -%}
case when {{ text }} is not null then check_json({{ text }}) is null end
{%- endmacro %}

{# The key between brackets and quotes, since a plain one may hold dots. #}
{% macro snowflake__json_text(json, key) -%}
json_extract_path_text({{ json }}, {{ text_literal('["' ~ key ~ '"]') }})
{%- endmacro %}

{% macro snowflake__json_path_text(json, keys) -%}
{%- set path = [] -%}
{%- for key in keys %}{% do path.append('[' ~ key ~ ']' if key.isdigit() else '["' ~ key ~ '"]') %}{% endfor -%}
cast(get_path(try_parse_json({{ json }}), {{ text_literal(path | join) }}) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro snowflake__json_object(columns) -%} {{ snowflake_json('object_construct_keep_null', columns) }} {%- endmacro %}

{% macro snowflake__json_of_values(columns) -%} {{ snowflake_json('object_construct', columns) }} {%- endmacro %}

{% macro snowflake_json(construct, columns) -%}
to_json({{ construct }}(
    {%- for key, column in columns.items() %}{{ text_literal(key) }}, {{ quoted_name(column) }}{{ ', ' if not loop.last }}{% endfor -%}
))
{%- endmacro %}

{% macro snowflake__keyed_values_json(list) -%}
to_json(reduce(
    parse_json({{ list }}),
    object_construct(),
    (all_values, item) -> object_insert(all_values, item:key::varchar, coalesce(
        {%- for name in keyed_value_names() %}item:value:{{ name }}{{ ', ' if not loop.last }}{% endfor -%}
    ), true)
))
{%- endmacro %}

{% macro snowflake__ordered_json(json) -%}
coalesce(to_json(strip_null_value(try_parse_json({{ json }}))), {{ json }})
{%- endmacro %}

{% macro snowflake__each_of_list(list) -%}
cross join lateral flatten(input => case when is_array(try_parse_json({{ list }})) then try_parse_json({{ list }}) end) as elements
{%- endmacro %}

{% macro snowflake__list_element() -%}
cast(elements.value as {{ dbt.type_string() }})
{%- endmacro %}

{# A nested column reads as JSON text. #}
{% macro snowflake__column_text(column, source_type) %}
    {% if source_type in ['VARIANT', 'OBJECT', 'ARRAY'] %}
        {% do return('case when is_varchar(' ~ column ~ ') then as_varchar(' ~ column ~ ') else to_json(' ~ column ~ ') end'
            if source_type == 'VARIANT' else 'to_json(' ~ column ~ ')') %}
    {% endif %}
    {% do return(default__column_text(column, source_type)) %}
{% endmacro %}

{# A cast would keep the wall clock of an offset and drop the offset. #}
{% macro snowflake__column_timestamp(column, source_type, text) %}
    {% if source_type in ['TIMESTAMP_TZ', 'TIMESTAMP_LTZ'] %}
        {% do return("cast(convert_timezone('UTC', " ~ column ~ ') as ' ~ dbt.type_timestamp() ~ ')') %}
    {% endif %}
    {% do return(default__column_timestamp(column, source_type, text)) %}
{% endmacro %}

{% macro snowflake__hash_number(text) -%}
hash({{ text }})
{%- endmacro %}
