{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_delta('hubspot', ref('crm_hubspot_companies_wire'), ref('crm_sync_results'), ref('crm_identity_seed')) }}
