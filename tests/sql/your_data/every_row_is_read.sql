{%- set findings %}
select
    concat({{ text_literal("row(s) of '") }}, input_name, {{ text_literal("' (") }}, source_name, ') are rejected, ', reason, ' (all are in stg_inputs_rejected)') as about,
    row_key as example
from {{ ref('pql_warehouse', 'stg_inputs_rejected') }}
{%- endset %}

{{- warn_about(counted_messages(findings), at_most=20) }}
