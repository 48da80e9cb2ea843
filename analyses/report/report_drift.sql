-- one row per month in which accounts first qualified for the primary definition
select
    qualified_month,
    mature,
    hits,
    matched_base_rate_then,
    compared_then,
    compared_hits_then
from {{ ref('pql_warehouse', 'pql_criterion_cohorts') }}
where criterion_name = {{ text_literal(pql_config().definitions[0].name) }}
order by qualified_month
