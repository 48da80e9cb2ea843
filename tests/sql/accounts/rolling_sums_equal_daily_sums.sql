{%- set columns = ['events', 'active_users', 'events_7d', 'active_users_7d', 'events_28d', 'active_users_28d'] %}

-- Every event counts on the N days from its own up to the as-of, and a user until its next active day.
with usage as (
    select * from {{ ref('pql_warehouse', 'fct_user_usage_daily') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

user_days as (
    select
        account_id,
        user_id,
        local_date,
        sum(events) as events,
        lead(local_date) over (partition by account_id, user_id order by local_date) as next_date
    from usage
    group by account_id, user_id, local_date
),

days_counted as (
    select
        user_days.account_id,
        user_days.events,
        case when user_days.user_id = '' then 0 else 1 end as users,
        {{ days_between('user_days.local_date', 'accounts.as_of_on') }} + 1 as days_left,
        coalesce({{ days_between('user_days.local_date', 'user_days.next_date') }}, 28) as days_to_next
    from user_days
    inner join accounts on user_days.account_id = accounts.account_id
),

expected as (
    select
        account_id,
        {%- for days in [7, 28] %}
        sum(events * least({{ days }}, days_left)) as events_{{ days }}d,
        sum(users * least({{ days }}, days_left, days_to_next)) as active_users_{{ days }}d,
        {%- endfor %}
        sum(events) as events,
        sum(users) as active_users
    from days_counted
    group by account_id
),

found as (
    select
        {%- for column in columns %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        account_id
    from {{ ref('pql_warehouse', 'fct_account_usage_daily') }}
    group by account_id
)

select expected.account_id
from expected
left join found on expected.account_id = found.account_id
where
    found.account_id is null
    {%- for column in columns %}
    or expected.{{ column }} <> found.{{ column }}
    {%- endfor %}
