-- no field of text holds what a tool trips over, or more than the CRM takes
{%- set texts = crm_fields() | selectattr('length', 'defined') | list %}

with texts as (
    {%- for field in texts %}
    select '{{ field.name }}' as field, {{ field.name }} as written, {{ field.length }} as most
    from {{ ref('crm_pql_accounts') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select *
from texts
where
    length(written) > most
    or written like '%''%'
    or written like '%"%'
    or written like {{ text_literal('%\n%') }}
    or substr(written, 1, 1) in ('=', '+', '-', '@', ' ')
