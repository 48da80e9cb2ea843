{# The memory of the rows for the CRM: what each account's row last was. #}

{# What of a row is remembered, {column: type}: what stays of an account that is gone, and dates, which never go. #}
{% macro crm_remembered() %}
    {% set columns = {'account_name': dbt.type_string(), 'account_domain': dbt.type_string()} %}
    {% for field in crm_fields() if field.stays or field.kind == 'date' %}
        {% do columns.update({field.name: field.type if field.type in ['integer', 'bigint', 'date'] else dbt.type_string()}) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}

{#
    The fields of the card as they last: of an account that is gone what stays is what was last known of it, and dates
    that are no longer known are as they last were. Every tool and CRM reads a null differently.
#}
{% macro crm_lasting_fields(accounts, latest) -%}
{%- set fields = crm_fields() | rejectattr('name', 'in', ['row_hash', 'row_changed_at']) | list -%}
{%- for field in [{'name': 'account_name', 'stays': true}, {'name': 'account_domain', 'stays': true}] + fields -%}
{%- set now, before = accounts ~ '.' ~ field.name, latest ~ '.' ~ field.name -%}
{%- set kept = impersonal(before) if field.name == 'champion_user_id' else before -%}
{%- if field.stays -%}
case
    when {{ accounts }}.is_gone then coalesce({{ kept }}, {{ now }})
    else {{ 'coalesce(' ~ now ~ ', ' ~ before ~ ')' if field.kind == 'date' else now }}
end as {{ field.name }}
{%- elif field.kind == 'date' -%}
coalesce({{ now }}, {{ before }}) as {{ field.name }}
{%- else -%}
{{ now }}
{%- endif -%}
{{ ',\n' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{# The last version of every account's row; a log from before it remembered a column has null for it. #}
{% macro last_row_changes(log, kept=none) -%}
select
    pql_account_id,
    row_hash,
    row_changed_at
    {%- for name, type in crm_remembered().items() %},
    {{ name if kept is none or name in kept else 'cast(null as ' ~ type ~ ') as ' ~ name }}
    {%- endfor %}
from (
    select
        *,
        row_number() over (
            partition by pql_account_id
            order by row_changed_at desc{{ ', case when summary is null then 1 else 0 end' if kept is none or 'summary' in kept }}
        ) as recency_rank
    from {{ log }}
) as versions
where recency_rank = 1
{%- endmacro %}

{# Before there is a log. #}
{% macro no_row_changes() -%}
select
    cast(null as {{ dbt.type_string() }}) as pql_account_id,
    cast(null as {{ dbt.type_string() }}) as row_hash,
    cast(null as {{ dbt.type_timestamp() }}) as row_changed_at
    {%- for name, type in crm_remembered().items() %},
    cast(null as {{ type }}) as {{ name }}
    {%- endfor %}
{{ no_rows() }}
{%- endmacro %}
