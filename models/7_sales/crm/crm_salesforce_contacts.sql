{{ crm_table('salesforce', ref('pql_warehouse', 'int_crm_people'), 'contacts') }}
