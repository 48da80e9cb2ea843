with final as (
    {{ last_versions(ref('pql_warehouse', 'crm_contact_changes'), 'contacts', 'pql_contact_id') | indent(4) }}
)

select * from final
