with leads as (
    select
        starts.pql_account_id as account_id,
        coalesce(
            {{ local_date('max(starts.qualified_at)', "coalesce(max(accounts.time_zone), 'UTC')") }},
            cast(max(starts.qualified_at) as date)
        ) as usage_as_of
    from {{ ref('pql_warehouse', 'fct_pql_events') }} as starts
    left join {{ ref('pql_warehouse', 'dim_accounts') }} as accounts on starts.pql_account_id = accounts.account_id
    where starts.is_start
    group by starts.pql_account_id
),

daily as (
    select * from {{ ref('pql_warehouse', 'fct_account_usage_daily') }}
),

-- the four weeks up to the day of qualification; whatever is used later does not touch the card
usage as (
    select usage.*
    from {{ ref('pql_warehouse', 'fct_user_usage_daily') }} as usage
    inner join leads
        on usage.account_id = leads.account_id
        and {{ is_in_four_weeks('usage.local_date', 'leads.usage_as_of') }}
),

features as (
    select
        account_id,
        event_name,
        row_number() over (partition by account_id order by sum(events) desc, {{ bytewise('event_name') }} asc) as place
    from usage
    group by account_id, event_name
),

users as (
    select
        account_id,
        user_id,
        row_number() over (partition by account_id order by sum(events) desc, {{ bytewise('user_id') }} asc) as place
    from usage
    where user_id <> ''
    group by account_id, user_id
),

key_features as (
    select
        account_id,
        {{ joined_text("replace(event_name, '_', ' ')", ', ', 'place') }} as key_features
    from features
    where place <= 3
    group by account_id
),

last_days as (
    select daily.account_id, max(daily.local_date) as last_active_on
    from daily
    inner join leads
        on daily.account_id = leads.account_id
        and daily.local_date <= leads.usage_as_of
    where daily.events > 0
    group by daily.account_id
),

final as (
    select
        leads.account_id,
        leads.usage_as_of,
        key_features.key_features,
        users.user_id as champion_user_id,
        daily.active_users_7d as active_users,
        last_days.last_active_on
    from leads
    left join key_features on leads.account_id = key_features.account_id
    left join users on leads.account_id = users.account_id and users.place = 1
    left join daily on leads.account_id = daily.account_id and leads.usage_as_of = daily.local_date
    left join last_days on leads.account_id = last_days.account_id
)

select * from final
