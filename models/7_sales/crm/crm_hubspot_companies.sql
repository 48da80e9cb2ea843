{{ crm_table('hubspot', ref('pql_warehouse', 'crm_pql_accounts')) }}
