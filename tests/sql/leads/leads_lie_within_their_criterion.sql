-- An episode of a definition that is not wholly within an episode of the criterion it rests on.
with definitions as (
    {%- for definition in pql_config().definitions %}
    select
        {{ text_literal(definition.name) }} as definition_name,
        {{ text_literal(definition.qualifies_when) }} as criterion_name
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select leads.*
from {{ ref('pql_warehouse', 'fct_pql_episodes') }} as leads
inner join definitions on leads.definition_name = definitions.definition_name
left join {{ ref('pql_warehouse', 'fct_criterion_episodes') }} as episodes
    on leads.account_id = episodes.account_id
    and definitions.criterion_name = episodes.criterion_name
    and leads.qualified_at >= episodes.started_at
    and coalesce(leads.ended_at, {{ end_of_time() }}) <= coalesce(episodes.ended_at, {{ end_of_time() }})
where
    episodes.account_id is null
    or (leads.ended_at is null) <> (leads.end_reason is null)
