{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

{{ crm_delta(
    'attio',
    ref('pql_warehouse', 'crm_attio_companies_wire'),
    ref('pql_warehouse', 'crm_sync_results'),
    ref('pql_warehouse', 'crm_identity_seed'),
    ref('pql_warehouse', 'stg_crm__records')
) }}
