-- withdrawn events, and those that the clock shuts out, have days to be taken off as well
with events as (
    select * from {{ ref('pql_warehouse', 'int_event_counts') }}
    where ever_accepted > 0
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

days as (
    select distinct utc_date from events
),

zones as (
    select distinct local_time_zone from accounts
),

bounds as (
    select
        zones.local_time_zone,
        days.utc_date,
        {{ local_date(utc_midnight('days.utc_date'), 'zones.local_time_zone') }} as first_local_date,
        {{ local_date(just_before(utc_midnight(add_days('days.utc_date', 1))), 'zones.local_time_zone') }} as last_local_date
    from days
    cross join zones
),

-- asking an engine for the zone of every event is slow; a UTC day sees one local midnight at most
final as (
    select
        local_time_zone,
        utc_date,
        first_local_date,
        last_local_date,
        case
            when first_local_date = last_local_date then {{ end_of_time() }}
            else {{ local_midnight('last_local_date', 'local_time_zone') }}
        end as last_local_date_starts_at
    from bounds
)

select * from final
