{%- set query %}
select concat('Criterion ''', wanted.criterion_name, ''' reads the attribute ''', wanted.attribute,
    ''', which no account has. Is there a column of this name in accounts, or are there rows in account_changes?') as message
from (
    select cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as attribute
    where 1 = 0
    {%- for criterion in pql_criteria() if criterion.attribute %}
    union all
    select {{ text_literal(criterion.name) }}, {{ text_literal(criterion.attribute) }}
    {%- endfor %}
) as wanted
left join (
    select distinct attribute from {{ ref('int_account_attributes') }}
    where value is not null
) as attributes on wanted.attribute = attributes.attribute
where attributes.attribute is null
{%- endset %}

{{- warn_about(query) }}
