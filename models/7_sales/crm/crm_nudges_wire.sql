{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_wire_table(none, ref('pql_warehouse', 'crm_nudges'), 'nudges') }}
