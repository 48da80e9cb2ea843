with final as (
    {{ last_versions(ref('pql_warehouse', 'crm_nudge_changes'), 'nudges', 'nudge_id') | indent(4) }}
)

select * from final
