{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ people_delta(
    'attio_contacts', ref('pql_warehouse', 'crm_attio_people_wire'), ref('pql_warehouse', 'crm_sync_results'), 'attio'
) }}
