{{ config(materialized='view') }}

with standings as (
    select * from {{ ref('pql_warehouse', 'fct_pql_status_daily') }}
),

dates as (
    select * from {{ ref('pql_warehouse', 'pql_time_spine') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

final as (
    select
        dates.date_day,
        standings.account_id,
        standings.pql_status,
        standings.is_pql,
        standings.tier
    from dates
    inner join as_of on dates.date_day <= cast(as_of.as_of as date)
    inner join standings
        on dates.date_day >= standings.status_on
        and dates.date_day < coalesce(standings.until_on, {{ add_days('dates.date_day', 1) }})
)

select * from final
