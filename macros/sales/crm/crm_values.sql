{# How values are made safe for the tools between the warehouse and a CRM. #}

{#
    Text that no tool trips over: no quotes, backslashes, control characters or line breaks, nothing that a
    spreadsheet takes for a formula, never null, no longer than `length`.
#}
{% macro crm_text(text, length=255) -%}
{%- set plain = "replace(replace(replace(" ~ text ~ ", " ~ text_literal("'") ~ ", '’'), '\"', '”'), " ~ text_literal('\\') ~ ", '/')" -%}
coalesce(trim(substr({{ trim_start(strip_controls(plain), ' =+-@') }}, 1, {{ length }})), '')
{%- endmacro %}

{# A whole number within what is declared of a field, never null: what is not known is 0. #}
{% macro crm_number(field, number=none, rows='accounts') -%}
{%- set number, declared = number or field, crm_fields(rows) | selectattr('name', 'equalto', field) | first -%}
cast(case
    when {{ number }} > {{ declared.most }} then {{ declared.most }}
    when {{ number }} < {{ declared.least }} then {{ declared.least }}
    else coalesce(round({{ number }}), 0)
end as {{ declared.type }})
{%- endmacro %}

{# The same of a number that may have places. #}
{% macro crm_measure(number) -%}
{%- set kind = crm_kinds().measure -%}
cast(least(greatest(coalesce({{ number }}, 0), {{ kind.least }}), {{ kind.most }}) as {{ type_measure() }})
{%- endmacro %}

{# An e-mail address as it is, where it is one and the switch is on; else the empty text. #}
{% macro crm_email(email) -%}
{%- if crm_setting('pql_crm_contact_emails') -%}
{%- set unseen = code_points(['0001-0020', '007f-00a0', '2028-202e', '2060-2069', '200b', 'feff']) -%}
case
    when {{ email }} like '_%@_%._%' and {{ email }} not like '%@%@%' and {{ email }} not like '%"%'
        and length({{ email }}) <= 254 and {{ email }} = {{ replace_all(email, unseen, '') }}
        then {{ email }}
    else ''
end
{%- else -%}
''
{%- endif -%}
{%- endmacro %}

{# A date or moment within what is declared of its field; one beyond, such as the 9999-12-31 that stands for never, is none. #}
{% macro crm_date(field, date=none, rows='accounts') -%}
{%- set date, declared = date or field, crm_fields(rows) | selectattr('name', 'equalto', field) | first -%}
case when cast({{ date }} as date) between cast('{{ declared.least }}' as date) and cast('{{ declared.most }}' as date) then {{ date }} end
{%- endmacro %}

{# A `;` list with only the names that the picklist still knows, in its order. #}
{% macro crm_known_list(list, names) -%}
{%- set known -%}
concat(''
    {%- for name in names %},
    case when {{ list_holds(list, text_literal(name)) }} then {{ text_literal(';' ~ name) }} else '' end
    {%- endfor %}
)
{%- endset -%}
{{ trim_start(known, ';') }}
{%- endmacro %}

{# A name, where the picklist still knows it. #}
{% macro crm_known(name, names) -%}
case
    when coalesce({{ name }}, '') = '' then 'none'
    when {{ name }} in ({{ text_literals(names or ['']) }}) then {{ name }}
    else 'retired'
end
{%- endmacro %}

{# Whether a `;` list holds a name. #}
{% macro list_holds(list, name) -%}
{{ dbt.position("concat(';', " ~ name ~ ", ';')", "concat(';', " ~ list ~ ", ';')") }} > 0
{%- endmacro %}

{# A value as the text that every API takes: true, 2026-06-30, 2026-06-30T12:00:00Z; null is the empty text. #}
{% macro crm_wire(column, type) -%}
{%- if type == 'flag' -%}
case when {{ column }} then 'true' else 'false' end
{%- elif type == 'moment' -%}
coalesce({{ moment_text(column) }}, '')
{%- elif type == 'measure' -%}
{{ number_text(column) }}
{%- else -%}
coalesce(cast({{ column }} as {{ dbt.type_string() }}), '')
{%- endif -%}
{%- endmacro %}

{# A fingerprint of all fields but the two that follow from it. #}
{% macro crm_row_hash(fields) -%}
{{ dbt.hash("concat(''" ~ crm_hashed(fields) ~ ")") }}
{%- endmacro %}

{% macro crm_hashed(fields) -%}
{%- for field in fields if field.name not in ['row_hash', 'row_changed_at'] -%}
, '|', {{ crm_wire(field.name, field.type) }}
{%- endfor -%}
{%- endmacro %}
