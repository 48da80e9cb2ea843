select *
from {{ ref('crm_pql_accounts') }}
where
    {% for field in crm_fields() if field.type not in ['date', 'moment'] -%}
    {{ field.name }} is null
    {{ 'or ' if not loop.last }}
    {%- endfor %}
    or qualified_at is null
    or row_changed_at is null
