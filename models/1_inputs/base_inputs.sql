{{ configured(materialized='table') }}

-- depends_on: {{ ref('pql_warehouse', 'int_as_of') }}

with judged as (
    {%- for input in judged_inputs() %}
    {{ 'union all' if not loop.first }}
    {{ judged_rows(input) | indent(4) }}
    {%- endfor %}
),

-- what by itself is sound, but would make an id stand for itself in the end
cycles as (
    select case when kind = 'user' then 'user_aliases' else 'account_merges' end as input_name, source_name, row_key
    from {{ ref('pql_warehouse', 'int_successions') }}
    where closes_a_cycle
),

final as (
    select
        judged.input_name,
        judged.source_name,
        judged.account_id,
        judged.domain,
        judged.row_key,
        coalesce(judged.reason, case when cycles.row_key is not null then 'closes_a_cycle' end) as reason,
        judged.unread_values
    from judged
    left join cycles
        on judged.input_name = cycles.input_name
        and judged.source_name = cycles.source_name
        and judged.row_key = cycles.row_key
)

select * from final
