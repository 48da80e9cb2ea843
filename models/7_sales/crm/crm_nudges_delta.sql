{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ people_delta('nudges', ref('pql_warehouse', 'crm_nudges_wire'), ref('pql_warehouse', 'crm_sync_results')) }}
