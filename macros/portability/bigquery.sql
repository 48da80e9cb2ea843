{#
    BigQuery. A UTC moment is a TIMESTAMP, and so is a wall clock, as if it were UTC. What stands here Google's own analyser
    has accepted and an emulator has run (docs/engines.md).
#}

{# A script of its own; where a statement of it fails, BigQuery undoes those before. #}
{% macro bigquery__in_one_transaction(statements) -%}
begin transaction;
{{ statements }};
commit transaction;
{%- endmacro %}

{% macro bigquery__physical_design(day, account) %}
    {% set type = 'date' if account else 'timestamp' %}
    {% set partition = {'field': day, 'data_type': type, 'granularity': 'day'} %}
    {% do return({'partition_by': partition, 'cluster_by': [account]} if account else {'partition_by': partition}) %}
{% endmacro %}

{# A backslash is an escape character there, in names too. #}
{% macro bigquery__quoted_name(name) %}
    {% do return('`' ~ name | replace('\\', '\\\\') | replace('`', '\\`') ~ '`') %}
{% endmacro %}

{% macro bigquery__quoted(text) -%}
'{{ text | replace('\\', '\\\\') | replace("'", "\\'") }}'
{%- endmacro %}

{% macro bigquery__code_point(hex) %}{% do return('\\\\x{' ~ hex ~ '}') %}{% endmacro %}

{% macro bigquery__type_double() -%} float64 {%- endmacro %}

{% macro bigquery__local_timestamp(timestamp, zone) -%}
timestamp(datetime({{ timestamp }}, {{ zone }}))
{%- endmacro %}

{% macro bigquery__utc_timestamp(local, zone) -%}
timestamp(datetime({{ local }}), {{ zone }})
{%- endmacro %}

{% macro bigquery__add_days(day, days) -%}
date_add({{ day }}, interval cast({{ days }} as int64) day)
{%- endmacro %}

{% macro bigquery__days_between(earlier, later) -%}
date_diff({{ later }}, {{ earlier }}, day)
{%- endmacro %}

{# Months and weeks are added to a date, what is shorter to a moment; dbt's own makes a DATETIME, which compares with neither. #}
{% macro bigquery__add_time(datepart, count, timestamp) -%}
{{ 'date' if datepart in ('month', 'week') else 'timestamp' }}_add({{ timestamp }}, interval {{ count }} {{ datepart }})
{%- endmacro %}

{% macro bigquery__add_months(count, timestamp) -%}
timestamp(datetime_add(datetime({{ timestamp }}), interval {{ count }} month))
{%- endmacro %}

{# Its week begins on a Sunday. #}
{% macro bigquery__period_start(day, period) -%}
date_trunc(cast({{ day }} as date), {{ 'isoweek' if period == 'week' else period }})
{%- endmacro %}

{% macro bigquery__just_before(timestamp) -%}
timestamp_sub({{ timestamp }}, interval 1 microsecond)
{%- endmacro %}

{% macro bigquery__moment_text(timestamp) -%}
format_timestamp('%E4Y-%m-%dT%H:%M:%SZ', {{ timestamp }})
{%- endmacro %}

{% macro bigquery__microseconds_between(earlier, later) -%}
timestamp_diff({{ later }}, {{ earlier }}, microsecond)
{%- endmacro %}

{% macro bigquery__epoch_to_timestamp(seconds) -%}
timestamp_micros(cast(round(({{ seconds }}) * 1000000) as int64))
{%- endmacro %}

{% macro bigquery__text_to_number(text) -%}
case
    when regexp_contains({{ text }}, r'^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$')
        then case when abs(safe_cast({{ text }} as numeric)) < 1e22 then round(safe_cast({{ text }} as numeric), 6) end
end
{%- endmacro %}

{# Its cast wants seconds, an offset with a colon and at most six decimals, of which a seventh is cut off. #}
{% macro bigquery__text_to_timestamp(text) -%}
{%- set written = "regexp_replace(replace(upper(" ~ text ~ "), '/', '-'), r' ?(Z|UTC)$', '+00:00')" -%}
{%- set written = "regexp_replace(" ~ written ~ ", r'(:[0-9]{2}(?:[.][0-9]*)?) ?([+-][0-9]{2}):?([0-9]{2})?$', r'\\1\\2:\\3')" -%}
{%- set written = "regexp_replace(" ~ written ~ ", r'([+-][0-9]{2}):$', r'\\1:00')" -%}
{%- set written = "regexp_replace(" ~ written ~ ", r'^([0-9-]+[T ]{1,2}[0-9]{1,2}:[0-9]{2})([+-]|$)', r'\\1:00\\2')" -%}
{%- set written = "regexp_replace(" ~ written ~ ", r'([.][0-9]{6})[0-9]+|[.]([+-]|$)', r'\\1\\2')" -%}
case
    when regexp_contains({{ text }}, r'^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(([tT]| {1,2})[0-9]{1,2}:[0-9]{2}(:[0-5][0-9]([.][0-9]*)?)?( ?{{ clock_offset() }})?)?$')
        then safe_cast(replace({{ written }}, '  ', ' ') as timestamp)
end
{%- endmacro %}

{% macro bigquery__is_epoch(text) -%}
regexp_contains({{ text }}, r'^[0-9]{9,19}([.][0-9]+)?$')
{%- endmacro %}

{# A number of more digits than it can keep does not make a text less of a JSON. #}
{% macro bigquery__is_json(text) -%}
case when {{ text }} is not null then safe.parse_json({{ text }}, wide_number_mode => 'round') is not null end
{%- endmacro %}

{% macro bigquery__json_text(json, key) -%} {{ bigquery_json_at(json, ['."' ~ key ~ '"']) }} {%- endmacro %}

{% macro bigquery__json_path_text(json, keys) -%}
{%- set steps = [] -%}
{%- for key in keys %}{% do steps.append('[' ~ key ~ ']' if key.isdigit() else '."' ~ key ~ '"') %}{% endfor -%}
{{ bigquery_json_at(json, steps) }}
{%- endmacro %}

{# A value as its text; an object or a list, which is no scalar there, as JSON. #}
{% macro bigquery_json_at(json, steps) -%}
{%- set path = text_literal('$' ~ steps | join) -%}
coalesce(json_value({{ json }}, {{ path }}), nullif(json_query({{ json }}, {{ path }}), 'null'))
{%- endmacro %}

{% macro bigquery__json_object(columns) -%}
to_json_string({{ bigquery_json(columns) }})
{%- endmacro %}

{% macro bigquery__json_of_values(columns) -%}
to_json_string(json_strip_nulls({{ bigquery_json(columns) }}))
{%- endmacro %}

{% macro bigquery_json(columns) -%}
json_object(
    {%- for key, column in columns.items() %}{{ text_literal(key) }}, {{ quoted_name(column) }}{{ ', ' if not loop.last }}{% endfor -%}
)
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

{% macro bigquery__ordered_json(json) -%}
coalesce(to_json_string(json_strip_nulls(safe.parse_json({{ json }}, wide_number_mode => 'round'))), {{ json }})
{%- endmacro %}

{% macro bigquery__each_of_list(list) -%}
cross join unnest(json_query_array({{ list }})) as element
{%- endmacro %}

{% macro bigquery__list_element() -%}
coalesce(json_value(element), element)
{%- endmacro %}

{# A nested column reads as JSON text. #}
{% macro bigquery__column_text(column, source_type) %}
    {% if modules.re.match('(STRUCT|RECORD|ARRAY|JSON)', source_type) %}{% do return('to_json_string(' ~ column ~ ')') %}{% endif %}
    {% if source_type == 'BYTES' %}{% do return('safe_convert_bytes_to_string(' ~ column ~ ')') %}{% endif %}
    {% do return(default__column_text(column, source_type)) %}
{% endmacro %}

{% macro bigquery__column_timestamp(column, source_type, text) %}
    {% if source_type in ['TIMESTAMP', 'DATETIME', 'DATE'] %}{% do return('timestamp(' ~ column ~ ')') %}{% endif %}
    {% do return(text_to_timestamp(text)) %}
{% endmacro %}

{% macro bigquery__hash_number(text) -%}
farm_fingerprint({{ text }})
{%- endmacro %}
