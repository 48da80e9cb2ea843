{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ people_delta(
    'salesforce_contacts', ref('pql_warehouse', 'crm_salesforce_contacts_wire'), ref('pql_warehouse', 'crm_sync_results'), 'salesforce'
) }}
