-- one row: what was built, and as of when
select * from {{ ref('pql_warehouse', 'pql_build') }}
