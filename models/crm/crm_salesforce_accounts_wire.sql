{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_wire_table('salesforce', ref('crm_salesforce_accounts')) }}
