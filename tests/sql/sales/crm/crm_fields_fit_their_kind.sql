{{ config(enabled=var('pql_crm_enabled', true)) }}

-- only dates are null, picklists know every value, and all else is as long and as large as its field may be
{%- set fields = crm_fields() %}
{%- set unseen = code_points(['0001-001f', '007f-009f', '2028-202e', '2060-2069', '200b', 'feff']) %}

select *
from {{ ref('pql_warehouse', 'crm_pql_accounts') }}
where
    row_changed_at is null
    {%- for field in fields if field.type not in ['date', 'moment'] %}
    or {{ field.name }} is null
    {%- endfor %}
    {%- for field in fields if field.least is defined and field.type in ['integer', 'bigint'] %}
    or {{ field.name }} not between {{ field.least }} and {{ field.most }}
    {%- endfor %}
    {%- for field in fields if field.least is defined and field.type in ['date', 'moment'] %}
    or cast({{ field.name }} as date) not between cast('{{ field.least }}' as date) and cast('{{ field.most }}' as date)
    {%- endfor %}
    {%- for field in fields if field.kind == 'choice' %}
    or {{ field.name }} not in ({{ text_literals(field.options) }})
    {%- endfor %}
    {%- for field in fields if field.kind == 'choices' %}
    or (
        {{ field.name }} <> ''
        and length({{ field.name }}) + 1 <> 0
        {%- for option in field.options %}
        + case when {{ list_holds(field.name, text_literal(option)) }} then {{ option | length + 1 }} else 0 end
        {%- endfor %}
    )
    {%- endfor %}
    {%- for field in fields if field.length %}
    or length({{ field.name }}) > {{ field.length }}
    or {{ field.name }} like {{ text_literal("%'%") }}
    or {{ field.name }} like '%"%'
    or {{ field.name }} <> {{ replace_all(field.name, unseen, '') }}
    or substr({{ field.name }}, 1, 1) in ('=', '+', '-', '@', ' ')
    {%- endfor %}
