{{ crm_table('salesforce', ref('crm_pql_accounts')) }}
