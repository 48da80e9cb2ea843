{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_wire_table('hubspot', ref('crm_hubspot_companies')) }}
