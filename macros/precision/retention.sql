{# Whole months from one moment to a later one: 31 January and 28 February are a month apart. #}
{% macro whole_months(earlier, later) -%}
{%- set since, until = 'cast(' ~ earlier ~ ' as date)', 'cast(' ~ later ~ ' as date)' -%}
{%- set months = 'cast((extract(year from ' ~ until ~ ') - extract(year from ' ~ since ~ ')) * 12 + extract(month from ' ~ until ~ ') - extract(month from ' ~ since ~ ') as integer)' -%}
{{ months }} - case when {{ add_months(months, earlier) }} > {{ later }} then 1 else 0 end
{%- endmacro %}

{#
    The product-limit estimate by steps, {what: SQL} over a table with `at_risk` and `ended` at each moment at which
    somebody left: `log_share`, the logarithm of what each moment leaves over; `is_emptied`, where nobody stayed; and
    `variance`, its part of Greenwood's sum.
#}
{% macro product_limit_steps(at_risk, ended) -%}
case when {{ ended }} < {{ at_risk }} then ln(1 - cast({{ ended }} as {{ type_double() }}) / {{ at_risk }}) else 0 end as log_share,
case when {{ ended }} = {{ at_risk }} then 1 else 0 end as is_emptied,
case
    when {{ ended }} < {{ at_risk }}
        then cast({{ ended }} as {{ type_double() }}) / (cast({{ at_risk }} as {{ type_double() }}) * ({{ at_risk }} - {{ ended }}))
    else 0
end as variance
{%- endmacro %}

{#
    One end of the 95% interval around such a share: by the logarithm of its logarithm, which stays between 0 and 1. Where
    all stayed or none did, the exact end for as many as were at risk.
#}
{% macro product_limit_bound(share, variance, at_risk, is_low) -%}
case
    when {{ share }} >= 1 then {{ 'power(0.025, 1.0 / ' ~ at_risk ~ ')' if is_low else '1' }}
    when {{ share }} <= 0 then {{ '0' if is_low else '1 - power(0.025, 1.0 / ' ~ at_risk ~ ')' }}
    else power({{ share }}, exp({{ '' if is_low else '-' }}1.959963984540054 * sqrt({{ variance }}) / abs(ln({{ share }}))))
end
{%- endmacro %}
