{{ config(materialized='view') }}

with dates as (
    select * from {{ ref('pql_warehouse', 'pql_time_spine') }}
),

final as (
    select
        date_day,
        {{ period_start('date_day', 'week') }} as week_starting_on,
        {{ period_start('date_day', 'month') }} as month_starting_on,
        {{ period_start('date_day', 'quarter') }} as quarter_starting_on,
        {{ period_start('date_day', 'year') }} as year_starting_on
    from dates
)

select * from final
