-- only dates are null, picklists know every value, and no text is too long or holds what a tool trips over
{%- set fields = crm_fields() %}

select *
from {{ ref('pql_warehouse', 'crm_pql_accounts') }}
where
    qualified_at is null
    or row_changed_at is null
    {%- for field in fields if field.type not in ['date', 'moment'] %}
    or {{ field.name }} is null
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
    or {{ field.name }} like '%''%'
    or {{ field.name }} like '%"%'
    or {{ field.name }} like {{ text_literal('%\n%') }}
    or substr({{ field.name }}, 1, 1) in ('=', '+', '-', '@', ' ')
    {%- endfor %}
