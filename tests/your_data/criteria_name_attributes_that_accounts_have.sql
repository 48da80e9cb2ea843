{%- set query %}
select
    concat(
        'Criterion ''', named.criterion_name, ''' reads the attribute ''', named.name,
        ''', which no account has. Is there a column of this name in accounts, or are there rows in account_changes?'
    ) as message
from ({{ named_by_criteria('attribute') }}) as named
left join (
    select distinct attribute from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where value is not null
) as attributes on named.name = attributes.attribute
where attributes.attribute is null
{%- endset %}

{{- warn_about(query) }}
