{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_delta('salesforce', ref('crm_salesforce_accounts_wire'), ref('crm_sync_results'), ref('crm_identity_seed')) }}
