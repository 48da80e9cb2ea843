{# The memory of the rows for the CRM: what each account's row last was. #}

{# The dates that may go when inputs do. Once known they stay: every tool and CRM reads a null differently. #}
{% macro crm_dates() %}
    {% do return(crm_fields() | selectattr('kind', 'equalto', 'date') | map(attribute='name') | list) %}
{% endmacro %}

{# The fields of the card, with dates that are no longer known as they last were. #}
{% macro crm_lasting_fields(accounts, latest) -%}
{%- for field in crm_fields() if field.name not in ['row_hash', 'row_changed_at'] -%}
{%- if field.name in crm_dates() -%}
coalesce({{ accounts }}.{{ field.name }}, {{ latest }}.{{ field.name }}) as {{ field.name }}
{%- else -%}
{{ accounts }}.{{ field.name }}
{%- endif -%}
{{ ',\n' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# The last version of every account's row; a log from before it kept a date has null for it. #}
{% macro last_row_changes(log, kept=none) -%}
select
    pql_account_id,
    row_hash,
    row_changed_at
    {%- for name in crm_dates() %},
    {{ name if kept is none or name in kept else 'cast(null as date) as ' ~ name }}
    {%- endfor %}
from (
    select *, row_number() over (partition by pql_account_id order by row_changed_at desc) as recency
    from {{ log }}
) as versions
where recency = 1
{%- endmacro %}
