{# Apache Spark 4 and Databricks. The session's time zone must be UTC (profiles.yml sets it). #}

{#
    How tables are rewritten is in spark_tables.sql, by materializations of ours, which dbt does not take from a package: in a
    host's project every build makes every table anew. Databricks itself has not been tried.
#}
{% macro spark__can_rewrite() %}
    {% do return((spark_has_plain_files() or spark_has_commits()) and project_name == 'pql_warehouse') %}
{% endmacro %}

{% macro spark_file_format() %}
    {% do return('delta' if target.type == 'databricks' else env_var('PQL_SPARK_FILE_FORMAT', 'parquet')) %}
{% endmacro %}

{# Whether tables are files without transactions, in which no row can be deleted. #}
{% macro spark_has_plain_files() %}{% do return(spark_file_format() == 'parquet') %}{% endmacro %}

{# Whether each statement changes a table in one commit, so that a reader sees it as it was or as it is to be. #}
{% macro spark_has_commits() %}{% do return(spark_file_format() in ['delta', 'iceberg']) %}{% endmacro %}

{# What its tables of files need is the conditions alone, as one (spark_tables.sql). #}
{% macro spark__rewritten(arguments, conditions) %}{% do return(any_of(conditions)) %}{% endmacro %}

{# A backslash is an escape character in its literals. #}
{% macro spark__quoted(text) -%}
'{{ text | replace('\\', '\\\\') | replace("'", "\\'") }}'
{%- endmacro %}

{# `chr` knows Latin letters only. #}
{% macro spark__character(code) -%}
'\u{{ '%04x' | format(code) }}'
{%- endmacro %}

{# It reads a value and leaves what comes after it: what is one value is so between brackets and between braces. #}
{% macro spark__is_json(text) -%}
case
    when {{ text }} is not null
        then try_parse_json(concat('[', {{ text }}, ']')) is not null and try_parse_json(concat('{"v":', {{ text }}, '}')) is not null
end
{%- endmacro %}

{# As a map and not by a path: a path cannot name every key. #}
{% macro spark__json_text(json, key) -%}
try_element_at(from_json({{ json }}, 'map<string, string>'), {{ text_literal(key) }})
{%- endmacro %}

{% macro spark__json_object(columns) -%} {{ spark_json(columns, 'false') }} {%- endmacro %}

{% macro spark__json_of_values(columns) -%} {{ spark_json(columns, 'true') }} {%- endmacro %}

{% macro spark_json(columns, ignore_nulls) -%}
to_json(
    named_struct(
        {%- for key, column in columns.items() %}{{ text_literal(key) }}, {{ quoted_name(column) }}{{ ', ' if not loop.last }}{% endfor -%}
    ),
    map('ignoreNullFields', '{{ ignore_nulls }}', 'timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS')
)
{%- endmacro %}

{% macro spark__text_to_number(text) -%}
case
    when {{ text }} rlike '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$'
        then try_cast({{ text }} as decimal(28, 6))
end
{%- endmacro %}

{# Only what reads as a date or as a date and a time: Spark would take `2026` as well. #}
{% macro spark__text_to_timestamp(text) -%}
{%- set written = "regexp_replace(replace(replace(upper(" ~ text ~ "), '/', '-'), '  ', ' '), ' ?(Z|UTC)$', 'Z')" -%}
{%- set written = "regexp_replace(regexp_replace(" ~ written ~ ", ' ([+-])', '$1'), '^([^:]+:[0-9]{2})([Z+-])', '$1:00$2')" -%}
case
    when {{ text }} rlike '^[0-9]{4,6}[-/][0-9]{1,2}[-/][0-9]{1,2}(([Tt]| {1,2})[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]*)?)?([ ]?{{ clock_offset() }})?)?$'
        then try_cast({{ written }} as timestamp)
end
{%- endmacro %}

{# A nested column reads as JSON text. #}
{% macro spark__column_text(column, source_type) %}
    {% if source_type.startswith('STRUCT') or source_type.startswith('MAP') or source_type.startswith('ARRAY') %}
        {% do return('to_json(' ~ column ~ ')') %}
    {% endif %}
    {% do return(default__column_text(column, source_type)) %}
{% endmacro %}

{% macro spark__hash_number(text) -%}
xxhash64({{ text }})
{%- endmacro %}

{% macro spark__code_point(hex) %}{% do return('\\\\x{' ~ hex ~ '}') %}{% endmacro %}

{% macro spark__trim_start(text, characters) -%}
trim(leading {{ text_literal(characters) }} from {{ text }})
{%- endmacro %}

{# dbt's own forgets the order. #}
{% macro spark__joined_text(text, separator, order_by) -%}
listagg({{ text }}, {{ text_literal(separator) }}) within group (order by {{ order_by }})
{%- endmacro %}

{% macro spark__type_double() -%} double {%- endmacro %}

{% macro spark__local_timestamp(timestamp, zone) -%}
from_utc_timestamp({{ timestamp }}, {{ zone }})
{%- endmacro %}

{% macro spark__utc_timestamp(local, zone) -%}
to_utc_timestamp({{ local }}, {{ zone }})
{%- endmacro %}

{% macro spark__add_days(day, days) -%}
date_add({{ day }}, cast({{ days }} as int))
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{# dbt's own cuts off the fraction of a second. #}
{% macro spark__add_time(datepart, count, timestamp) -%}
timestampadd({{ datepart }}, {{ count }}, {{ timestamp }})
{%- endmacro %}

{% macro spark__microseconds_between(earlier, later) -%}
timestampdiff(microsecond, {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__moment_text(timestamp) -%}
date_format({{ timestamp }}, "yyyy-MM-dd'T'HH:mm:ss'Z'")
{%- endmacro %}

{#
    All deliveries are sorted by their id: it reads a CTE anew wherever that is named, and a join with the keys that came
    twice sends every delivery from task to task, since how few these are shows too late. Those that are rejected
    compete with none; without an id they are spread by their batch.
#}
{% macro spark__verdict_ctes(events, columns) -%}
{%- if duplicates_within_days() %}{{ return(default__verdict_ctes(events, columns)) }}{% endif -%}
{%- set ids = "coalesce(events.event_key, " ~ hash_number('events.batch_id') ~ "), events.event_id, events.rejection_reason is null" -%}
ranked as (
    select
        events.*,
        {{ rank_of_delivery('events', ids) | indent(8) }}
    from {{ events }} as events
),

verdicts as (
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        case
            when rejection_reason is not null then rejection_reason
            else {{ verdict_by_rank() | indent(12) }}
        end as reason
    from ranked
)
{%- endmacro %}

{% macro spark__quoted_name(name) %}{% do return('`' ~ name | replace('`', '``') ~ '`') %}{% endmacro %}

{% macro spark__json_path_text(json, keys) -%}
get_json_object({{ json }}, {{ text_literal(json_dollar_path(keys)) }})
{%- endmacro %}

{% macro spark__is_epoch(text) -%}
{{ text }} rlike '^[0-9]{9,19}([.][0-9]+)?$'
{%- endmacro %}

{% macro spark__epoch_to_timestamp(seconds) -%}
timestamp_micros(cast(round(({{ seconds }}) * 1000000) as bigint))
{%- endmacro %}

{% macro spark__keyed_values_json(list) -%}
nullif(to_json(map_from_entries(transform(
    from_json({{ list }}, 'array<struct<key: string, value: struct<string_value: variant, int_value: variant, double_value: variant, float_value: variant>>>'),
    item -> struct(item.key, coalesce(
        {%- for name in keyed_value_names() %}
        case when not is_variant_null(item.value.{{ name }}) then item.value.{{ name }} end{{ ',' if not loop.last }}
        {%- endfor %}
    ))
))), '{}')
{%- endmacro %}

{#
    Lines as DuckDB writes them, of an object and of those that are its values, text that reads as one included; what is
    nested further down stays as it is. Spark's own type for JSON has its keys in one order.
#}
{% macro spark__ordered_json(json) -%}
{%- set ordered = "replace(regexp_replace(to_json(try_parse_json(" ~ json ~ ")), '\"[^\"]*\":null,?', ''), ',}', '}')" -%}
coalesce(nullif(array_join(array_sort(flatten(transform(
    map_entries(from_json({{ ordered }}, 'map<string, string>')),
    entry -> case
        when left(entry.value, 1) = '{' then transform(
            map_entries(map_filter(from_json(entry.value, 'map<string, string>'), (key, value) -> value is not null)),
            inner_entry -> concat(entry.key, '.', inner_entry.key, '=', inner_entry.value)
        )
        else array(concat(entry.key, '=', entry.value))
    end
))), {{ character(10) }}), ''), {{ ordered }}, {{ json }})
{%- endmacro %}

{% macro spark__each_of_list(list) -%}
lateral view explode(from_json({{ list }}, 'array<string>')) elements as element
{%- endmacro %}

{% macro spark__list_element() -%}
elements.element
{%- endmacro %}

{# A folder for every day; that of a delivery is its batch, the day received of one source. #}
{% macro spark__physical_design(day, account) %}
    {% do return({'partition_by': [day if account else 'batch_id']}) %}
{% endmacro %}

{% macro databricks__physical_design(day, account) %}
    {% do return({'liquid_clustered_by': [day, account] if account else ['batch_id']}) %}
{% endmacro %}

{# The column by whose values a table is rewritten in part; none where it is written as a whole. #}
{% macro spark_rewritten_by() %}
    {% do return((config.get('partition_by') or config.get('liquid_clustered_by') or [none])[0]) %}
{% endmacro %}

{# A batch is named after the day received. #}
{% macro spark__lies_in_batches_of(never, bounds, days) %}
    {% if never %}{% do return(" and batch_id like '% never'") %}{% endif %}
    {% set conditions = [] %}
    {% if bounds[0] %}{% do conditions.append(' and right(batch_id, 10) >= ' ~ text_literal((bounds[0] - days).strftime('%Y-%m-%d'))) %}{% endif %}
    {% if bounds[1] %}{% do conditions.append(' and right(batch_id, 10) <= ' ~ text_literal((bounds[1] + days).strftime('%Y-%m-%d'))) %}{% endif %}
    {% do return(conditions | join) %}
{% endmacro %}
