{%- set query %}
select
    concat(
        'Criterion ''', named.criterion_name, ''' counts the event ''', named.name,
        ''', which never occurs up to the as-of. Is it spelt as the tracker spells it?'
    ) as message
from ({{ named_by_criteria('events') }}) as named
left join (select distinct event_name from {{ ref('pql_warehouse', 'fct_user_usage_daily') }}) as usage on named.name = usage.event_name
where usage.event_name is null
{%- endset %}

{{- warn_about(query) }}
