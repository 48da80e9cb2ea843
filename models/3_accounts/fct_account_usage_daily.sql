{{ config(materialized=rewritable(), incremental_strategy='rewrite_rolling_days', on_schema_change='append_new_columns') }}

{%- set first = first_change(ref('pql_warehouse', 'int_rolling_days_changed')) %}

with changed as (
    select * from {{ ref('pql_warehouse', 'int_rolling_days_changed') }}
),

-- a day looks back on 28
usage as (
    select usage.account_id, usage.user_id, usage.local_date, usage.event_name, usage.events
    from {{ ref('pql_warehouse', 'fct_user_usage_daily') }} as usage
    inner join changed on usage.account_id = changed.account_id
    where {{ is_remembered('usage.local_date', 29, 'changed.changes_from', first) }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

event_days as (
    select account_id, local_date, event_name, sum(events) as events
    from usage
    group by account_id, local_date, event_name
),

active_days as (
    select account_id, local_date, sum(events) as events, count(*) as distinct_events
    from event_days
    group by account_id, local_date
),

-- an active day has its own row and those of the days after it, until the next active day or the 28th, on which its
-- users are gone
covered as (
    select
        active_days.*,
        least(
            coalesce(
                lead(active_days.local_date) over (
                    partition by active_days.account_id order by active_days.local_date
                ),
                {{ add_days('active_days.local_date', 29) }}
            ),
            {{ add_days('active_days.local_date', 29) }},
            {{ add_days('accounts.as_of_on', 1) }}
        ) as covered_until
    from active_days
    inner join accounts on active_days.account_id = accounts.account_id
),

offsets as (
    {{ numbers(29) | indent(4) }}
),

days as (
    select
        covered.account_id,
        {{ add_days('covered.local_date', 'offsets.number') }} as local_date,
        case when offsets.number = 0 then covered.events else 0 end as events,
        case when offsets.number = 0 then covered.distinct_events else 0 end as distinct_events
    from covered
    inner join offsets on {{ add_days('covered.local_date', 'offsets.number') }} < covered.covered_until
),

user_days as (
    {{ user_days_with_neighbours('usage') | indent(4) }}
),

user_changes as (
    {{ rolling_user_changes('user_days', [1, 7, 28]) | indent(4) }}
),

rolled as (
    select
        days.account_id,
        days.local_date,
        days.events,
        days.distinct_events,
        sum(coalesce(user_changes.change_1d, 0)) over (
            partition by days.account_id order by days.local_date rows unbounded preceding
        ) as active_users,
        sum(coalesce(user_changes.change_7d, 0)) over (
            partition by days.account_id order by days.local_date rows unbounded preceding
        ) as active_users_7d,
        sum(days.events) over (
            partition by days.account_id order by days.local_date rows between 6 preceding and current row
        ) as events_7d,
        sum(coalesce(user_changes.change_28d, 0)) over (
            partition by days.account_id order by days.local_date rows unbounded preceding
        ) as active_users_28d,
        sum(days.events) over (
            partition by days.account_id order by days.local_date rows between 27 preceding and current row
        ) as events_28d
    from days
    left join user_changes
        on days.account_id = user_changes.account_id and days.local_date = user_changes.local_date
),

final as (
    select
        rolled.account_id,
        rolled.local_date,
        cast(rolled.active_users as bigint) as active_users,
        cast(rolled.events as bigint) as events,
        cast(rolled.distinct_events as bigint) as distinct_events,
        cast(rolled.active_users_7d as bigint) as active_users_7d,
        cast(rolled.events_7d as bigint) as events_7d,
        cast(rolled.active_users_28d as bigint) as active_users_28d,
        cast(rolled.events_28d as bigint) as events_28d
    from rolled
    inner join changed on rolled.account_id = changed.account_id
    where
        rolled.events_28d > 0
        and rolled.local_date >= changed.changes_from
)

select * from final
