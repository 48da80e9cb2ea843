{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_wire_table('attio', ref('pql_warehouse', 'crm_attio_people'), 'contacts') }}
