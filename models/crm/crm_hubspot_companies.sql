{{ crm_table('hubspot', ref('crm_pql_accounts')) }}
