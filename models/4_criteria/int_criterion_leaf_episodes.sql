with intervals as (
    select intervals.*, accounts.local_time_zone, accounts.signed_up_at, accounts.as_of
    from {{ ref('pql_warehouse', 'int_criterion_intervals') }} as intervals
    inner join {{ ref('pql_warehouse', 'int_accounts_to_evaluate') }} as accounts on intervals.account_id = accounts.account_id
),

needed_days as (
    select local_time_zone, started_on as local_date from intervals
    where started_on is not null
    union distinct
    select local_time_zone, ended_on as local_date from intervals
    where ended_on is not null
),

midnights as (
    select
        local_time_zone,
        local_date,
        {{ local_midnight('local_date', 'local_time_zone') }} as starts_at
    from needed_days
),

timed as (
    select
        intervals.criterion_name,
        intervals.account_id,
        greatest(
            coalesce(intervals.started_at, intervals.signed_up_at),
            coalesce(starts.starts_at, intervals.signed_up_at),
            intervals.signed_up_at
        ) as started_at,
        least(
            coalesce(intervals.ended_at, {{ end_of_time() }}),
            coalesce(ends.starts_at, {{ end_of_time() }})
        ) as ended_at,
        intervals.as_of
    from intervals
    left join midnights as starts
        on intervals.local_time_zone = starts.local_time_zone
        and intervals.started_on = starts.local_date
    left join midnights as ends
        on intervals.local_time_zone = ends.local_time_zone
        and intervals.ended_on = ends.local_date
    where intervals.signed_up_at is not null
),

changes as (
    select criterion_name, account_id, started_at as changed_at, 1 as change
    from timed
    where started_at < ended_at and started_at <= as_of
    union all
    select criterion_name, account_id, ended_at as changed_at, -1 as change
    from timed
    where started_at < ended_at and ended_at <= as_of
),

rules as (
    select distinct criterion_name, 1 as reach from changes
),

{{ episode_ctes('', 'changes', 'rules') }}

select * from episodes
