select account_id, reason from {{ ref('pql_warehouse', 'pql_accounts') }} where is_pql
