{{ config(materialized='view') }}

{{ crm_wire_table('hubspot', ref('crm_hubspot_companies')) }}
