-- no field of text holds what a tool trips over, or more than the CRM takes
{%- set texts = crm_fields() | selectattr('length', 'defined') | list %}

select *
from {{ ref('crm_pql_accounts') }}
where
    {% for field in texts -%}
    length({{ field.name }}) > {{ field.length }}
    or {{ field.name }} like '%''%'
    or {{ field.name }} like '%"%'
    or {{ field.name }} like '%{{ '\n' }}%'
    or substr({{ field.name }}, 1, 1) in ('=', '+', '-', '@', ' ')
    {{ 'or ' if not loop.last }}
    {%- endfor %}
