-- noqa: disable=LT05
{%- set group = 'criterion_name, kind, customers' %}
{%- set from_then_on = 'over (partition by ' ~ group ~ ' order by months desc rows unbounded preceding)' %}
{%- set bounds = {'still_paying_low': true, 'still_paying_high': false} %}
{%- set up_to_then = 'over (partition by ' ~ group ~ ' order by months rows unbounded preceding)' %}

with followed as (
    select * from {{ ref('pql_warehouse', 'int_customers_followed') }}
),

moments as (
    select
        {{ group }},
        months,
        followed_for,
        count(*) as leaving,
        sum(has_ended) as ended,
        sum(amount) as amount
    from followed
    group by {{ group }}, months, followed_for
),

watched as (
    select
        *,
        sum(leaving) over (
            partition by {{ group }} order by followed_for desc rows unbounded preceding
        ) as at_risk
    from moments
),

steps as (
    select
        *,
        {{ product_limit_steps('at_risk', 'ended') | indent(8) }}
    from watched
),

grouped as (
    select {{ group }}, max(months) as last_month
    from followed
    group by {{ group }}
),

calendar as (
    select number as months from ({{ numbers(240) }}) as numbers
),

-- a month in which nobody of a group left has a row as well, for 20 years
every_month as (
    select grouped.*, calendar.months
    from grouped
    inner join calendar on grouped.last_month >= calendar.months
),

by_month as (
    select
        {% for column in group.split(', ') %}every_month.{{ column }}, {% endfor %}
        every_month.months,
        coalesce(sum(steps.leaving), 0) as leaving,
        coalesce(sum(steps.ended), 0) as ended,
        sum(steps.amount) as amount,
        min(steps.at_risk) as at_risk_at_last,
        coalesce(sum(steps.log_share), 0) as log_share,
        coalesce(max(steps.is_emptied), 0) as is_emptied,
        coalesce(sum(steps.variance), 0) as variance
    from every_month
    left join steps
        on every_month.months = steps.months
        {%- for column in group.split(', ') %}
        and every_month.{{ column }} = steps.{{ column }}
        {%- endfor %}
    group by {% for column in group.split(', ') %}every_month.{{ column }}, {% endfor %}every_month.months
),

running as (
    select
        {{ group }},
        months,
        leaving,
        ended,
        sum(leaving) {{ from_then_on }} as at_risk,
        sum(amount) {{ from_then_on }} as amount_at_risk,
        at_risk_at_last,
        case when max(is_emptied) {{ up_to_then }} = 1 then 0 else exp(sum(log_share) {{ up_to_then }}) end as still_paying,
        sum(variance) {{ up_to_then }} as variance
    from by_month
),

final as (
    select
        {{ group }},
        cast(months as integer) as months_since_conversion,
        cast(at_risk as bigint) as at_risk,
        cast(ended as bigint) as ended,
        cast(leaving - ended as bigint) as censored,
        cast(still_paying as {{ type_double() }}) as still_paying,
        {%- for name, is_low in bounds.items() %}
        cast(
            {{ product_limit_bound('still_paying', 'variance', 'coalesce(at_risk_at_last, at_risk)', is_low) | indent(12) }}
            as {{ type_double() }}
        ) as {{ name }},
        {%- endfor %}
        cast(amount_at_risk as {{ type_measure() }}) as amount_at_risk
    from running
)

select * from final
