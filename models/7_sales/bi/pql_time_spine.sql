{{ config(materialized='view', persist_docs={'relation': false, 'columns': false}) }}

-- counted in SQL: dbt's own date spine asks the engine a question first
with digits as (
    {% for digit in range(10) -%}
    select {{ digit }} as digit
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

numbers as (
    select thousands.digit * 1000 + hundreds.digit * 100 + tens.digit * 10 + ones.digit as days
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
),

-- 10,000 days: 2015 to the middle of 2042
final as (
    select {{ add_days("cast('2015-01-01' as date)", 'days') }} as date_day
    from numbers
)

select * from final
