{{ config(materialized='view') }}

with final as (
    {%- for input in judged_inputs() %}
    {{ 'union all' if not loop.first }}
    {{ judged_rows(input) | indent(4) }}
    {%- endfor %}
)

select * from final
