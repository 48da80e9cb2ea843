{{ crm_table('attio', ref('pql_warehouse', 'int_crm_people'), 'contacts') }}
