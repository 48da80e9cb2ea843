{{ crm_table('salesforce', ref('pql_warehouse', 'crm_pql_accounts')) }}
