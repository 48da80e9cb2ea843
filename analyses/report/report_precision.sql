-- one row per definition and criterion that has outcomes: its counts, beside its rule
select
    precision_counts.*,
    rules.position,
    rules.recall_days,
    rules.min_precision,
    rules.current_value_of
from {{ ref('pql_warehouse', 'pql_criterion_precision') }} as precision_counts
inner join {{ ref('pql_warehouse', 'pql_rules') }} as rules on precision_counts.criterion_name = rules.criterion_name
order by case rules.kind when 'definition' then 1 when 'criterion' then 2 else 3 end, rules.position
