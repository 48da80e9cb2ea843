{# Text, numbers and JSON on every engine. #}

{#
    A configured value as a SQL literal: no string can break out of it. Line breaks are spelled out, because
    indenting the SQL around them would change them.
#}
{% macro text_literal(value) %}
    {% set breaks = {'\n': 10, '\r': 13, '\x0b': 11, '\x0c': 12, '\x1c': 28, '\x1d': 29, '\x1e': 30, '\x85': 133, '\u2028': 8232, '\u2029': 8233} %}
    {% set text = value | string %}
    {# most values are plain names, the same on every engine #}
    {% if is_plain(text) %}{% do return("'" ~ text ~ "'") %}{% endif %}
    {% set parts = [] %}
    {% for part in modules.re.split('([' ~ breaks | join ~ '])', text) if part %}
        {% do parts.append(character(breaks[part]) if part in breaks else quoted(part)) %}
    {% endfor %}
    {% do return('concat(' ~ parts | join(', ') ~ ')' if parts | length > 1 else parts[0]) %}
{% endmacro %}

{# Text without line breaks as a SQL literal. #}
{% macro quoted(text) %}
    {{- return(adapter.dispatch('quoted', 'pql_warehouse')(text)) -}}
{% endmacro %}

{% macro default__quoted(text) -%}
'{{ text | replace("'", "''") }}'
{%- endmacro %}

{# The name of a column or schema in SQL, whatever is in it: dbt's own quoting lets a quote in a name end it. #}
{% macro quoted_name(name) %}
    {{- return(adapter.dispatch('quoted_name', 'pql_warehouse')(name)) -}}
{% endmacro %}

{% macro default__quoted_name(name) %}{% do return('"' ~ name | replace('"', '""') ~ '"') %}{% endmacro %}

{# The character of a code point. #}
{% macro character(code) %}
    {{- return(adapter.dispatch('character', 'pql_warehouse')(code)) -}}
{% endmacro %}

{% macro default__character(code) -%}
chr({{ code }})
{%- endmacro %}

{# Whether a text is written alike on every engine. #}
{% macro is_plain(text) %}
    {% do return(modules.re.fullmatch('[A-Za-z0-9_ .:,/+-]*', text) is not none) %}
{% endmacro %}

{# A list of configured values, for `in (…)`. #}
{% macro text_literals(values) %}
    {% set values, literals = values | list, [] %}
    {# plain names in one go: there are 600 time zones #}
    {% if values and is_plain(values | join) %}{% do return("'" ~ values | join("', '") ~ "'") %}{% endif %}
    {% for value in values %}{% do literals.append(text_literal(value)) %}{% endfor %}
    {% do return(literals | join(', ')) %}
{% endmacro %}

{# Every measure, amount and threshold: exact, six places. #}
{% macro type_measure() -%} numeric(35, 6) {%- endmacro %}

{# Text as a number, null where it is none. Values past 10^21 read as null, so that no sum overflows. #}
{% macro text_to_number(text) %}
    {{- return(adapter.dispatch('text_to_number', 'pql_warehouse')(text)) -}}
{% endmacro %}

{#
    Text as a UTC timestamp, null where it is none; an offset in the text is honoured. What reads as a date or as a date and a
    time is one: engines would take words as well, such as `epoch` and `infinity`, and offsets of 99 hours.
#}
{% macro text_to_timestamp(text) %}
    {{- return(adapter.dispatch('text_to_timestamp', 'pql_warehouse')(text)) -}}
{% endmacro %}

{# An offset that some clock has, from -12:00 to +14:00, as a regular expression. #}
{% macro clock_offset() -%}
([zZ]|UTC|[+](0[0-9]|1[0-3])(:?[0-5][0-9])?|[+]14(:?00)?|-(0[0-9]|1[01])(:?[0-5][0-9])?|-12(:?00)?)
{%- endmacro %}

{# `2026-06-30 12:00 +0200` as `2026-06-30 12:00:00+0200`, and `2026-06-30t12:00 utc` as `2026-06-30T12:00:00Z`, which engines can read. #}
{% macro with_seconds_and_offset(text) -%}
regexp_replace(replace(replace(replace(replace(upper({{ text }}), 'UTC', 'Z'), ' Z', 'Z'), ' +', '+'), ' -', '-'), '^([^:]+:[0-9]{2})([Z+-])', '\1:00\2')
{%- endmacro %}

{# Whether text, where it can be read, is a bare date, such as 2026/3/5, which stands for a local day rather than a moment. #}
{% macro is_date_text(text) -%}
({{ text }} not like '%:%' and ({{ text }} like '____-%-%' or {{ text }} like '____/%/%'))
{%- endmacro %}

{% macro is_json(text) %}
    {{- return(adapter.dispatch('is_json', 'pql_warehouse')(text)) -}}
{% endmacro %}

{# A top-level value of a JSON object as text: `true`, `2.5`, a string without its quotes; null where absent. #}
{% macro json_text(json, key) %}
    {{- return(adapter.dispatch('json_text', 'pql_warehouse')(json, key)) -}}
{% endmacro %}

{# Columns as one JSON object: {key: column}. #}
{% macro json_object(columns) %}
    {{- return(adapter.dispatch('json_object', 'pql_warehouse')(columns)) -}}
{% endmacro %}

{# The same, without those that are null, so that a row says the same whatever columns others have. #}
{% macro json_of_values(columns) %}
    {{- return(adapter.dispatch('json_of_values', 'pql_warehouse')(columns)) -}}
{% endmacro %}

{# A text, null where it is nothing but blanks; only the few that begin with one are trimmed. #}
{% macro unless_blank(text) -%}
nullif(case when {{ text }} not like ' %' or trim({{ text }}) <> '' then {{ text }} end, '')
{%- endmacro %}

{# A hash of 63 bits as a bigint, to find equal ids in a fraction of their size. #}
{% macro hash_number(text) %}
    {{- return(adapter.dispatch('hash_number', 'pql_warehouse')(text)) -}}
{% endmacro %}

{# Text that sorts byte by byte, whatever the database's collation. #}
{% macro bytewise(text) %}
    {{- return(adapter.dispatch('bytewise', 'pql_warehouse')(text)) -}}
{% endmacro %}

{% macro default__bytewise(text) -%}
{{ text }}
{%- endmacro %}

{# A configured number as an exact literal of at most six places. #}
{% macro number_literal(value) -%}
{{ value if value is integer else '%.6f' % value }}
{%- endmacro %}

{% macro number_literals(values) -%}
{%- for value in values %}{{ number_literal(value) }}{{ ', ' if not loop.last }}{% endfor -%}
{%- endmacro %}

{#
    Text without what nobody sees: every run of control characters (also those above ASCII) and of white space of any
    kind is one space; marks that turn the direction of text or have no width are left out, but for those that join
    letters and emoji.
#}
{% macro strip_controls(text) -%}
{%- set blanks = code_points(['0001-0020', '007f-00a0', '1680', '2000-200a', '2028-2029', '202f', '205f', '3000']) -%}
{%- set unseen = code_points(['00ad', '061c', '180e', '200b', '200e-200f', '202a-202e', '2060-2069', 'feff', 'fff9-fffb']) -%}
{{ replace_all(replace_all(text, unseen, ''), blanks ~ '+', ' ') }}
{%- endmacro %}

{# A class of a regular expression that holds these code points, as the engine writes them in a literal. #}
{% macro code_points(ranges) %}
    {% set points = [] %}
    {% for point in (ranges | join(' ') | replace('-', ' - ')).split() %}
        {% do points.append('-' if point == '-' else adapter.dispatch('code_point', 'pql_warehouse')(point)) %}
    {% endfor %}
    {% do return('[' ~ points | join ~ ']') %}
{% endmacro %}

{% macro default__code_point(hex) %}{% do return('\\x{' ~ hex ~ '}') %}{% endmacro %}

{# Text with every match of a regular expression replaced. #}
{% macro replace_all(text, pattern, replacement) %}
    {{- return(adapter.dispatch('replace_all', 'pql_warehouse')(text, pattern, replacement)) -}}
{% endmacro %}

{% macro default__replace_all(text, pattern, replacement) -%}
regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{# Text without any of these characters at its start. #}
{% macro trim_start(text, characters) %}
    {{- return(adapter.dispatch('trim_start', 'pql_warehouse')(text, characters)) -}}
{% endmacro %}

{% macro default__trim_start(text, characters) -%}
ltrim({{ text }}, {{ text_literal(characters) }})
{%- endmacro %}

{# The texts of a group as one, in an order. #}
{% macro joined_text(text, separator, order_by) %}
    {{- return(adapter.dispatch('joined_text', 'pql_warehouse')(text, separator, order_by)) -}}
{% endmacro %}

{% macro default__joined_text(text, separator, order_by) -%}
{{ dbt.listagg(text, text_literal(separator), 'order by ' ~ order_by) }}
{%- endmacro %}
