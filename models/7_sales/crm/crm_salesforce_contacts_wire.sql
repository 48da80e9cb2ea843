{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_wire_table('salesforce', ref('pql_warehouse', 'crm_salesforce_contacts'), 'contacts') }}
