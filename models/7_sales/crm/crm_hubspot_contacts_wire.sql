{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_wire_table('hubspot', ref('pql_warehouse', 'crm_hubspot_contacts'), 'contacts') }}
