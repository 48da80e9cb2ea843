{%- set query %}
select concat('Criterion ''', wanted.criterion_name, ''' counts the event ''', wanted.event_name,
    ''', which never occurs up to the as-of. Is it spelt as the tracker spells it?') as message
from (
    select cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as event_name
    where 1 = 0
    {%- for criterion in pql_criteria('behaviour') %}
    {%- for event in criterion.events or [] %}
    union all
    select {{ text_literal(criterion.name) }}, {{ text_literal(event) }}
    {%- endfor %}
    {%- endfor %}
) as wanted
left join (select distinct event_name from {{ ref('fct_user_usage_daily') }}) as usage on wanted.event_name = usage.event_name
where usage.event_name is null
{%- endset %}

{{- warn_about(query) }}
