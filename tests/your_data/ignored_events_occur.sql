{%- set query %}
select concat('pql_ignored_events[', cast(rules.rule_number - 1 as {{ dbt.type_string() }}),
    '] leaves out no event that the rules before it do not. Are its names, values and ids spelt as they come?') as message
from (
    select 0 as rule_number where 1 = 0
    {%- for rule in ignored_event_rules() %}
    union all
    select {{ loop.index }}
    {%- endfor %}
) as rules
left join (
    select distinct ignored_by from {{ ref('pql_warehouse', 'int_events_set_aside') }}
) as found on rules.rule_number = found.ignored_by
where found.ignored_by is null
{%- endset %}

{{- warn_about(query) }}
