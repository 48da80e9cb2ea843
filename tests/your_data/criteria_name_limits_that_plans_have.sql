{%- set query %}
select
    concat(
        'Criterion ''', named.criterion_name, ''' reads the limit ''', named.name,
        ''', which no plan has in seeds/plan_limits.csv.'
    ) as message
from ({{ named_by_criteria('limit') }}) as named
left join {{ ref('pql_warehouse', 'stg_billing__plan_limits') }} as limits on named.name = limits.limit_name
where limits.limit_name is null
{%- endset %}

{{- warn_about(query) }}
