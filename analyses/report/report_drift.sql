-- one row per month in which accounts first qualified for the primary definition
select *
from {{ ref('pql_warehouse', 'pql_criterion_cohorts') }}
where criterion_name = {{ text_literal(pql_config().definitions[0].name) }}
order by qualified_month
