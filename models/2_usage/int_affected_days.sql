{{ config(materialized=rewritable(), incremental_strategy='rewrite_affected_days') }}

{%- set usage = stored('fct_user_usage_daily') if built_settings() else none %}

with touched_events as (
    select * from {{ ref('pql_warehouse', 'int_affected_events') }}
),

-- of the user and the account that their ids stand for
events as (
    select
        touched_events.occurred_at,
        touched_events.anonymous_id,
        {{ successor_of('touched_events.user_id', 'user') }} as user_id,
        {{ successor_of('touched_events.account_id', 'account') }} as account_id
    from touched_events
    {{ successor_join('touched_events.user_id', 'user') | indent(4) }}
    {{ successor_join('touched_events.account_id', 'account') | indent(4) }}
),

judged as (
    select * from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
),

periods as (
    select * from {{ ref('pql_warehouse', 'int_user_account_periods') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

local_dates as (
    select * from {{ ref('pql_warehouse', 'int_local_dates') }}
),

changed as (
    select * from {{ ref('pql_warehouse', 'int_attribution_inputs') }}
    where is_changed
),

{% if usage -%}
-- what an event without a user of its own counted for, and counts for now
sightings as (
    select distinct judged.anonymous_id, {{ successor_of('judged.user_id', 'user') }} as user_id
    from judged
    {{ successor_join('judged.user_id', 'user') | indent(4) }}
    where
        judged.user_id is not null
        and judged.anonymous_id in (
            select events.anonymous_id from events
            where events.user_id is null and events.account_id is null
        )
),

-- distinct first, so that no engine joins moments with periods before users
seen as (
    select distinct sightings.user_id, events.occurred_at
    from events
    inner join sightings on events.anonymous_id = sightings.anonymous_id
    where
        events.account_id is null
        and events.user_id is null
),

candidates as (
    select account_id, occurred_at from events
    where account_id is not null
    union all
    select periods.account_id, events.occurred_at
    from events
    inner join periods
        on events.user_id = periods.user_id
        and events.occurred_at >= periods.valid_from
        and events.occurred_at < periods.valid_to
    where events.account_id is null
    union all
    select periods.account_id, seen.occurred_at
    from seen
    inner join periods
        on seen.user_id = periods.user_id
        and seen.occurred_at >= periods.valid_from
        and seen.occurred_at < periods.valid_to
),

-- a UTC day sees one local midnight at most: its first and last moments name the local days
moments as (
    select account_id, min(occurred_at) as occurred_at from candidates
    group by account_id, cast(occurred_at as date)
    union distinct
    select account_id, max(occurred_at) as occurred_at from candidates
    group by account_id, cast(occurred_at as date)
),

affected as (
    select
        moments.account_id,
        {{ local_date_of('moments.occurred_at', 'local_dates') | indent(8) }} as local_date
    from moments
    inner join accounts on moments.account_id = accounts.account_id
    inner join local_dates
        on accounts.local_time_zone = local_dates.local_time_zone
        and cast(moments.occurred_at as date) = local_dates.utc_date
    union distinct
    select usage.account_id, usage.local_date
    from {{ usage }} as usage
    inner join changed on usage.user_id = changed.name
    where changed.kind = 'user'
    union distinct
    select usage.account_id, usage.local_date
    from {{ usage }} as usage
    inner join changed on usage.account_id = changed.name
    where changed.kind = 'account'
)
{%- else -%}
affected as (
    select account_id, cast(null as date) as local_date
    from accounts
    where false
)
{%- endif %},

final as (
    select account_id, local_date, {{ build_number() }} as affected_in_build
    from affected
)

select * from final
