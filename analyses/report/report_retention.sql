-- how long customers stay: all, and by whether the primary definition or a stage of leads had found them before they paid
select retention.*
from {{ ref('pql_warehouse', 'pql_retention') }} as retention
where
    retention.kind <> 'definition'
    or retention.criterion_name = {{ text_literal(pql_config().definitions[0].name) }}
order by
    case retention.kind when 'all' then 1 when 'definition' then 2 else 3 end,
    retention.criterion_name,
    retention.customers,
    retention.months_since_conversion
