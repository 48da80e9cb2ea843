-- noqa: disable=LT02
with accounts as (
    select * from {{ ref('pql_warehouse', 'int_crm_accounts') }}
),

latest as (
    {{ last_row_changes(ref('pql_warehouse', 'crm_row_changes')) | indent(4) }}
),

links as (
    select
        pql_account_id
        {%- for system, spec in crm_systems().items() %},
        max(case when crm_system = '{{ system }}' then crm_record_id end) as {{ spec.link }}
        {%- endfor %}
    from {{ ref('pql_warehouse', 'crm_identity_seed') }}
    where not is_ambiguous
    group by pql_account_id
),

final as (
    select
        {{ crm_lasting_fields('accounts', 'latest') | indent(8) }},
        latest.row_hash,
        latest.row_changed_at
        {%- for spec in crm_systems().values() %},
        coalesce(links.{{ spec.link }}, '') as {{ spec.link }}
        {%- endfor %}
    from accounts
    inner join latest on accounts.pql_account_id = latest.pql_account_id
    left join links on accounts.pql_account_id = links.pql_account_id
)

select * from final
