{{ crm_table('hubspot', ref('pql_warehouse', 'int_crm_people'), 'contacts') }}
