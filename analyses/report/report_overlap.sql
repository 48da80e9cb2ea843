-- the primary definition beside each stage of leads: whom both find, whom one alone, who of them paid in time
select overlap.*
from {{ ref('pql_warehouse', 'pql_stage_overlap') }} as overlap
where
    overlap.criterion_name = {{ text_literal(pql_config().definitions[0].name) }}
    and overlap.other_kind = 'stage'
order by overlap.in_both + overlap.only_other desc, overlap.other_name
