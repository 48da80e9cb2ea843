{%- set settings = built_settings() %}

-- withdrawn events and those that the clock lets in or shuts out have days to be taken off as well
with events as (
    select * from {{ ref('stg_product__events_judged') }}
    where
        rejection_reason is null
        {%- if settings %}
        or (received_at is null and occurred_at <= {{ dbt.dateadd('day', 1, moment_literal(settings.clock)) }})
        {%- endif %}
),

accounts as (
    select * from {{ ref('stg_product__accounts') }}
),

days as (
    select distinct cast(occurred_at as date) as utc_date from events
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
