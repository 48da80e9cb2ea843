select pql_account_id
from {{ ref('crm_pql_accounts') }}
where
    {% for field in crm_fields() if field.kind == 'choice' -%}
    {{ field.name }} not in ({{ text_literals(field.options) }})
    {{ 'or ' if not loop.last }}
    {%- endfor %}
    {% for field in crm_fields() if field.kind == 'choices' -%}
    or length({{ field.name }}) > 0
    and length(concat({{ field.name }}, ';')) <> 0
    {%- for option in field.options %}
    + case when {{ list_holds(field.name, text_literal(option)) }} then {{ option | length + 1 }} else 0 end
    {%- endfor %}
    {%- endfor %}
