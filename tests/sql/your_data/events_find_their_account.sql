{#- A few strays are normal (visitors before sign-up); beyond this share the ids of two systems may not match. #}
{%- set highest_share = 0.05 %}
{%- set query %}
select concat({{ text_literal("Of the accepted events of '") }}, event_source, {{ text_literal("', ") }}, cast(unattributed as {{ dbt.type_string() }}), ' of ',
    cast(accepted as {{ dbt.type_string() }}), ' belong to no account in accounts. Do the ids match?') as message
from {{ ref('pql_warehouse', 'event_quality') }}
where unattributed > {{ highest_share }} * accepted
{%- endset %}

{{- warn_about(query) }}
