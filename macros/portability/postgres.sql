{#
    PostgreSQL. What it lacks is a cast that gives null instead of an error (before version 16), so functions in
    the target's schema try and catch; dbt makes them before the first model.
#}

{% macro postgres__prepare_engine() -%}
create schema if not exists {{ quoted_name(target.schema) }};

create or replace function {{ postgres_function('pql_is_json') }}(value text) returns boolean
language plpgsql immutable strict as $$
begin
    return value::jsonb is not null;
exception when others then
    return false;
end $$;

-- only what reads as a date or as a date and a time: PostgreSQL would take 'tomorrow' as well
create or replace function {{ postgres_function('pql_to_timestamp') }}(value text) returns timestamp
language plpgsql immutable strict set timezone = 'UTC' as $$
begin
    if value !~ '^\d{4,6}[-/]\d{1,2}[-/]\d{1,2}(([Tt]| {1,2})\d{1,2}:\d{2}(:[0-5]?\d([.]\d*)?)?([ ]?{{ clock_offset() }})?)?$' then
        return null;
    end if;
    -- a seventh decimal is cut off, not rounded
    return regexp_replace(value, '([.]\d{6})\d+', '\1')::timestamptz::timestamp;
exception when others then
    return null;
end $$;

{{ make_ordered_json() }}
{%- endmacro %}

{# As DuckDB writes it: a line for each value, however deep, with the way to it. Part of a query, its plan would cost too much. #}
{% macro make_ordered_json() -%}
create or replace function {{ postgres_function('pql_ordered_json') }}(given text) returns text
language plpgsql immutable strict as $$
begin
    return coalesce((
        with recursive nodes as (
            select '' as path, given::jsonb as value
            union all
            select children.path, children.value
            from nodes
            cross join lateral (
                select concat(nodes.path, '.', members.key), members.value
                from jsonb_each(case when jsonb_typeof(nodes.value) = 'object' then nodes.value end) as members
                union all
                select concat(nodes.path, '[', items.place - 1, ']'), items.value
                from jsonb_array_elements(case when jsonb_typeof(nodes.value) = 'array' then nodes.value end)
                    with ordinality as items (value, place)
            ) as children (path, value)
        )

        select string_agg(line, chr(10) order by line collate "C")
        from (
            select concat(substr(path, 2), '=', value #>> '{}') as line
            from nodes
            where jsonb_typeof(value) not in ('object', 'array', 'null')
        ) as lines
    ), given);
exception when others then
    return given;
end $$
{%- endmacro %}

{# Its own collection runs a minute later, when the models that read the table are done with a bad plan. #}
{% macro postgres__gather_statistics(relation, materialized) -%}
{% if materialized != 'view' %}analyze {{ relation }}{% endif %}
{%- endmacro %}

{% macro postgres_function(name) %}
    {% do return(quoted_name(target.schema) ~ '.' ~ name) %}
{% endmacro %}

{% macro postgres__is_json(text) -%}
{{ postgres_function('pql_is_json') }}({{ text }})
{%- endmacro %}

{% macro postgres__text_to_timestamp(text) -%}
{{ postgres_function('pql_to_timestamp') }}({{ text }})
{%- endmacro %}

{# `json` and not `jsonb`: it takes values as they are written, `2.50` included. #}
{% macro postgres__json_text(json, key) -%}
(cast({{ json }} as json) ->> {{ text_literal(key) }})
{%- endmacro %}

{# At most 100 arguments to a function, hence the pieces. #}
{% macro postgres__json_object(columns) -%} cast({{ postgres_json(columns) }} as text) {%- endmacro %}

{% macro postgres__json_of_values(columns) -%} cast(jsonb_strip_nulls({{ postgres_json(columns) }}) as text) {%- endmacro %}

{% macro postgres_json(columns) -%}
    {%- for piece in columns.items() | batch(40) %}
    {{ '|| ' if not loop.first }}jsonb_build_object(
        {%- for key, column in piece %}{{ text_literal(key) }}, {{ quoted_name(column) }}{{ ', ' if not loop.last }}{% endfor -%}
    )
    {%- endfor %}
{%- endmacro %}

{# The cast takes any size and the comparison keeps what six places can hold. #}
{% macro postgres__text_to_number(text) -%}
case
    when {{ text }} ~ '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?$'
        then case when abs(cast({{ text }} as numeric)) < 1e22 then cast({{ text }} as numeric(28, 6)) end
end
{%- endmacro %}

{% macro postgres__hash_number(text) -%}
hashtextextended({{ text }}, 0)
{%- endmacro %}

{# In UTC; an infinite timestamp is no moment. #}
{% macro postgres__column_timestamp(column, source_type, text) %}
    {% if 'WITH TIME ZONE' in source_type or source_type == 'TIMESTAMPTZ' %}
        {% set moment = "timezone('UTC', " ~ column ~ ')' %}
    {% else %}
        {% set moment = default__column_timestamp(column, source_type, text) %}
    {% endif %}
    {% do return('case when isfinite(' ~ moment ~ ') then ' ~ moment ~ ' end') %}
{% endmacro %}

{# The database may sort by the rules of a language. #}
{% macro postgres__bytewise(text) -%}
{{ text }} collate "C"
{%- endmacro %}

{% macro postgres__moment_text(timestamp) -%}
to_char({{ timestamp }}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
{%- endmacro %}

{% macro postgres__not_materialized() -%} not materialized {%- endmacro %}

{% macro postgres__worked_out_once() -%} offset 0 {%- endmacro %}

{% macro postgres__code_point(hex) %}{% do return('\\u' ~ hex) %}{% endmacro %}

{% macro postgres__json_path_text(json, keys) -%}
case
    when {{ is_json(json) }}
        then cast({{ json }} as jsonb) #>> array[{{ text_literals(keys) }}]
end
{%- endmacro %}

{% macro postgres__is_epoch(text) -%}
{{ text }} ~ '^[0-9]{9,19}([.][0-9]+)?$'
{%- endmacro %}

{% macro postgres__epoch_to_timestamp(seconds) -%}
(to_timestamp({{ seconds }}) at time zone 'UTC')
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

{% macro postgres__ordered_json(json) -%}
{{ postgres_function('pql_ordered_json') }}({{ json }})
{%- endmacro %}

{% macro postgres__each_of_list(list) -%}
cross join lateral jsonb_array_elements(
    case when {{ is_json(list) }} then case when jsonb_typeof(cast({{ list }} as jsonb)) = 'array' then cast({{ list }} as jsonb) end end
) as elements (element)
{%- endmacro %}

{% macro postgres__list_element() -%}
elements.element #>> array[]::text[]
{%- endmacro %}

{# Rows are found by account and day; the deliveries, which have no account, by ranges of blocks of about one time. #}
{% macro postgres__physical_design(day, account) %}
    {% do return({'indexes': [{'columns': [account, day]} if account else {'columns': [day], 'type': 'brin'}]}) %}
{% endmacro %}

{% macro postgres__add_days(day, days) -%}
({{ day }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro postgres__days_between(earlier, later) -%}
({{ later }} - {{ earlier }})
{%- endmacro %}

{# Without the flag it replaces the first match only. #}
{% macro postgres__replace_all(text, pattern, replacement) -%}
regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro postgres__local_timestamp(timestamp, zone) -%}
timezone({{ zone }}, timezone('UTC', {{ timestamp }}))
{%- endmacro %}

{% macro postgres__utc_timestamp(local, zone) -%}
timezone('UTC', timezone({{ zone }}, {{ local }}))
{%- endmacro %}

{% macro postgres__hash_of_rows(rows) -%}
concat(count(*), ' ', sum(cast(hashtextextended(cast({{ rows }} as text), 0) as numeric)))
{%- endmacro %}
