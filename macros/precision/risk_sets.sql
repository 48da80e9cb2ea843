{#
    When accounts are compared over the calendar: those that signed up in the same month (UTC), so that at the same age
    the market is the same as well. `signup_months` of scripts/pql_tools/statistics says the same.
#}
{% macro signup_period(signed_up_at) -%}
{{ period_start(signed_up_at, 'month') }}
{%- endmacro %}

{#
    How many accounts are at risk, and how many of them convert in time, at every age that occurs: running sums over
    the changes (the keys, age, at_risk, converted) in the order of age, which is what keeps this linear.
#}
{% macro running_risk_sets(changes, keys) -%}
{%- set keys = keys | join(', ') -%}
select
    {{ keys }},
    age,
    sum(at_risk) over (partition by {{ keys }} order by age rows unbounded preceding) as at_risk,
    sum(converted) over (partition by {{ keys }} order by age rows unbounded preceding) as converted
from (
    select {{ keys }}, age, sum(at_risk) as at_risk, sum(converted) as converted
    from {{ changes }}
    group by {{ keys }}, age
) as net_changes
{%- endmacro %}

{#
    The changes that some accounts make: an account is at risk from age `enters` to age `leaves`, and converts in
    time from age `converts` on.
#}
{% macro risk_set_changes(accounts, keys) -%}
{%- set keys = keys | join(', ') -%}
select {{ keys }}, enters as age, count(*) as at_risk, 0 as converted
from {{ accounts }}
where enters < leaves
group by {{ keys }}, enters
union all
select
    {{ keys }},
    leaves as age,
    -count(*) as at_risk,
    -sum(case when converts < leaves then 1 else 0 end) as converted
from {{ accounts }}
where enters < leaves
group by {{ keys }}, leaves
union all
select {{ keys }}, greatest(enters, converts) as age, 0 as at_risk, count(*) as converted
from {{ accounts }}
where enters < leaves and converts < leaves
group by {{ keys }}, greatest(enters, converts)
{%- endmacro %}

{#
    The risk sets at every age of CTEs `comparable`, `qualified` and `compared`, and those in them that have qualified by that
    age; within the values of further columns, if there are any.
#}
{% macro risk_set_ctes(suffix, within=[]) -%}
{%- set of_all, of_rule = ['horizon_days'] + within, ['criterion_name'] + within -%}
changes{{ suffix }} as (
    {{ risk_set_changes('comparable', of_all) | indent(4) }}
    union all
    select distinct {{ of_all | join(', ') }}, age, 0 as at_risk, 0 as converted from compared
),

risk_sets{{ suffix }} as (
    {{ running_risk_sets('changes' ~ suffix, of_all) | indent(4) }}
),

qualified_changes{{ suffix }} as (
    {{ risk_set_changes('qualified', of_rule) | indent(4) }}
),

qualified_sets{{ suffix }} as (
    {{ running_risk_sets('qualified_changes' ~ suffix, of_rule) | indent(4) }}
)
{%- endmacro %}

{# Observed over expected among accounts compared at the same time: the lift, or the relative rate (docs/statistics.md §1.3). #}
{% macro ratio_then(hits, compared, rate) -%}
cast({{ hits }} as {{ type_double() }}) / nullif({{ compared }}, 0) / nullif({{ rate }}, 0)
{%- endmacro %}

{#
    How many standard errors a fall must reach, so that of rules that stay as good as they were fewer than one in a hundred is
    said to have fallen in a year of weekly looks: the quantile of the normal distribution at 1 - 0.01 / 52.
#}
{% macro standard_errors_of_a_year() -%} 3.553 {%- endmacro %}
