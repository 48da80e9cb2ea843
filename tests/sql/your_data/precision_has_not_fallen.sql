{%- set query %}
select concat(
    'The precision of ''', criterion_name, ''' has fallen by more than chance: ',
    cast(hits_since as {{ dbt.type_string() }}), ' of ', cast(mature_since as {{ dbt.type_string() }}),
    ' accounts judged since ', cast(as_of_before as {{ dbt.type_string() }}), ' paid in time, before it were ',
    cast(hits_before as {{ dbt.type_string() }}), ' of ', cast(mature_before as {{ dbt.type_string() }}), '.'
) as message
from {{ ref('pql_warehouse', 'pql_precision_falls') }}
where kind <> 'criterion'
{%- endset %}

{{- warn_about(query) }}
