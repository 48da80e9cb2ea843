{%- set findings %}
select
    concat(
        {{ text_literal("row(s) of '") }}, inputs.input_name, {{ text_literal("' (") }}, inputs.source_name,
        ') come to nothing, their accounts are not in accounts (do the ids match?)'
    ) as about,
    inputs.row_key as example
from {{ ref('pql_warehouse', 'base_inputs') }} as inputs
left join {{ ref('pql_warehouse', 'stg_product__accounts') }} as accounts on inputs.account_id = accounts.account_id
where
    inputs.reason is null
    and inputs.account_id is not null
    and accounts.account_id is null
union all
select
    concat(
        {{ text_literal("row(s) of '") }}, inputs.input_name, {{ text_literal("' (") }}, inputs.source_name,
        ') come to nothing: they name no account, and their domain is of no account, of several or of free mail'
    ) as about,
    inputs.row_key as example
from {{ ref('pql_warehouse', 'base_inputs') }} as inputs
left join ({{ accounts_of_domains(ref('pql_warehouse', 'int_account_domains')) }}) as accounts on inputs.domain = accounts.domain
where
    inputs.reason is null
    and inputs.domain is not null
    and accounts.domain is null
{%- endset %}

{{- warn_about(counted_messages(findings), at_most=20) }}
