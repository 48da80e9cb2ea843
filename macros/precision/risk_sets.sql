{#
    How many accounts are at risk, and how many of them convert in time, at every age that occurs: running sums over
    the changes (key, age, at_risk, converted) in the order of age, which is what keeps this linear.
#}
{% macro running_risk_sets(changes, key) -%}
select
    {{ key }},
    age,
    sum(at_risk) over (partition by {{ key }} order by age rows unbounded preceding) as at_risk,
    sum(converted) over (partition by {{ key }} order by age rows unbounded preceding) as converted
from (
    select {{ key }}, age, sum(at_risk) as at_risk, sum(converted) as converted
    from {{ changes }}
    group by {{ key }}, age
) as net_changes
{%- endmacro %}

{#
    The changes that some accounts make: an account is at risk from age `enters` to age `leaves`, and converts in
    time from age `converts` on.
#}
{% macro risk_set_changes(accounts, key) -%}
select {{ key }}, enters as age, count(*) as at_risk, 0 as converted
from {{ accounts }}
where enters < leaves
group by {{ key }}, enters
union all
select
    {{ key }},
    leaves as age,
    -count(*) as at_risk,
    -sum(case when converts < leaves then 1 else 0 end) as converted
from {{ accounts }}
where enters < leaves
group by {{ key }}, leaves
union all
select {{ key }}, greatest(enters, converts) as age, 0 as at_risk, count(*) as converted
from {{ accounts }}
where enters < leaves and converts < leaves
group by {{ key }}, greatest(enters, converts)
{%- endmacro %}
