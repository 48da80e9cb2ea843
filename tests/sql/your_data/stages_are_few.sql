{#- A column of free text, or of ids, in the place of the stage. #}
{%- set query %}
select concat(
    'lead_stages has ', cast(count(distinct stage) as {{ dbt.type_string() }}), ' different stages; the {{ most_stages() }} that most accounts entered are judged. ',
    'Is it the right column? `stages` of the source gives several one name, or `none`.'
) as message
from {{ ref('pql_warehouse', 'stg_crm__lead_stages') }}
having count(distinct stage) > {{ most_stages() }}
{%- endset %}

{{- warn_about(query) }}
