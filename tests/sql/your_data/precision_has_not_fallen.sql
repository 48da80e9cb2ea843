{%- set query %}
select concat(
    {{ quoted("The precision of '") }}, criterion_name, {{ quoted("' has fallen by more than chance: ") }},
    cast(hits_since as {{ dbt.type_string() }}), ' of ', cast(mature_since as {{ dbt.type_string() }}),
    ' accounts judged since ', cast(as_of_before as {{ dbt.type_string() }}), ' paid in time, before it were ',
    cast(hits_before as {{ dbt.type_string() }}), ' of ', cast(mature_before as {{ dbt.type_string() }}), '. ',
    case
        when is_beyond_market then 'It fell beside accounts of the same age and time as well: it is the rule.'
        when is_beyond_market is null then 'What others of the same age and time did is not known.'
        else 'It may be the market: others of the same age and time pay less as well, or too few to tell.'
    end
) as message
from {{ ref('pql_warehouse', 'pql_precision_falls') }}
where kind <> 'criterion'
{%- endset %}

{{- warn_about(query) }}
