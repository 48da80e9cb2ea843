{{ config(materialized='view') }}

{{ crm_wire_table('salesforce', ref('crm_salesforce_accounts')) }}
