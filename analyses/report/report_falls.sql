-- whose precision has fallen by more than chance since an earlier check
select * from {{ ref('pql_warehouse', 'pql_precision_falls') }}
order by kind desc, criterion_name asc
