{# fct_criterion_outcomes, to select from; no rows where the evaluation has been left out of every build so far. #}
{% macro outcomes_so_far() -%}
{%- set outcomes = ref('pql_warehouse', 'fct_criterion_outcomes') -%}
{%- set is_built = not execute or outcomes.is_cte or 'model.pql_warehouse.fct_criterion_outcomes' in selected_resources -%}
{%- if is_built or adapter.get_relation(outcomes.database, outcomes.schema, outcomes.identifier) -%}
{{ outcomes }}
{%- else -%}
(
    select
        {%- for column in ['criterion_name', 'kind', 'account_id', 'state'] %}
        cast(null as {{ dbt.type_string() }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    {{ no_rows() | indent(4) }}
) as no_outcomes
{%- endif -%}
{%- endmacro %}
