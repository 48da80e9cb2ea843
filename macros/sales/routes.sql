{# The queue of each start: the first routing rule, by priority, whose tier and criterion fit. #}
{% macro lead_routes(starts, rules) -%}
select pql_event_id, queue, suggested_owner
from (
    select
        starts.pql_event_id,
        rules.queue,
        rules.suggested_owner,
        row_number() over (
            partition by starts.pql_event_id order by rules.priority, {{ bytewise('rules.queue') }}
        ) as choice_rank
    from {{ starts }} as starts
    inner join {{ rules }} as rules
        on (rules.tier is null or rules.tier = starts.tier)
        and (rules.criterion is null or {{ list_holds('starts.criteria_met', 'rules.criterion') }})
    where
        rules.priority is not null
        and rules.queue is not null
) as ranked
where choice_rank = 1
{%- endmacro %}
