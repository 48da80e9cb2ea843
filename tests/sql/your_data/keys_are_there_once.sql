{%- set findings %}
select
    concat(
        {{ text_literal("key(s) of '") }}, input_name, {{ text_literal("' (") }}, source_name, ') are there more than once; of each one row counts'
    ) as about,
    concat(row_key, ' (', cast(count(*) as {{ dbt.type_string() }}), ' times)') as example
from {{ ref('pql_warehouse', 'base_inputs') }}
where
    reason is null
    and input_name in ('accounts', 'users', 'account_changes', 'plan_limits', 'crm_records')
group by input_name, source_name, row_key
having count(*) > 1
{%- endset %}

{{- warn_about(counted_messages(findings), at_most=20) }}
