{%- set query %}
select concat('Criterion ''', wanted.criterion_name, ''' reads the limit ''', wanted.limit_name,
    ''', which no plan has in seeds/plan_limits.csv.') as message
from (
    select cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as limit_name
    where 1 = 0
    {%- for criterion in pql_criteria() if criterion.limit %}
    union all
    select {{ text_literal(criterion.name) }}, {{ text_literal(criterion.limit) }}
    {%- endfor %}
) as wanted
left join {{ ref('stg_billing__plan_limits') }} as limits on wanted.limit_name = limits.limit_name
where limits.limit_name is null
{%- endset %}

{{- warn_about(query) }}
