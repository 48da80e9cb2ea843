{%- set findings %}
select
    'answer(s) of sales are in unknown words and count for nothing; say what they mean with `dispositions` in vars.yml' as about,
    concat({{ text_literal("'") }}, disposition, {{ text_literal("'") }}) as example
from (
    {{ raw_rows('crm_pql_feedback') | indent(4) }}
) as answers
where
    {{ is_read('crm_pql_feedback') }}
    and coalesce(disposition, '') not in ({{ text_literals(sales_dispositions()) }})
{%- endset %}

{{- warn_about(counted_messages(findings), at_most=20) }}
