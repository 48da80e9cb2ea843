{%- set findings %}
select
    concat({{ text_literal("row(s) of '") }}, input_name, {{ text_literal("' (") }}, source_name, ') have moments or numbers that cannot be read and count as missing') as about,
    concat(row_key, ': ', unread_values) as example
from {{ ref('pql_warehouse', 'base_inputs') }}
where
    reason is null
    and unread_values is not null
{%- endset %}

{{- warn_about(counted_messages(findings), at_most=20) }}
