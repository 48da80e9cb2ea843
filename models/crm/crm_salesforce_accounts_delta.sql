{{ config(materialized='view') }}

{{ crm_delta('salesforce', ref('crm_salesforce_accounts_wire'), ref('crm_sync_results'), ref('crm_identity_seed')) }}
