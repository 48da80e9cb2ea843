{#
    The order in which lists of `pql_accounts` stand, everywhere: those who are leads, the most points, who last became a
    lead most recently, what is nearest to its next step, and then its id, so that no two are even.
#}
{% macro lead_order() -%}
case when is_pql then 0 else 1 end,
coalesce(pql_score, 0) desc,
coalesce(qualified_at, {{ beginning_of_time() }}) desc,
coalesce(distance_to_lead, 1000000) asc,
coalesce(steps_to_lead, 1000000) asc,
account_id asc
{%- endmacro %}
