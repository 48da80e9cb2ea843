{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ people_delta(
    'hubspot_contacts', ref('pql_warehouse', 'crm_hubspot_contacts_wire'), ref('pql_warehouse', 'crm_sync_results'), 'hubspot'
) }}
