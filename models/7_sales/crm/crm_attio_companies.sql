{{ crm_table('attio', ref('pql_warehouse', 'crm_pql_accounts')) }}
