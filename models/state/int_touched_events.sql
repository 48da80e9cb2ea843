{%- set settings = built_settings() %}
{%- set as_of = as_of_moment() %}

with judged as {{ not_materialized() }} (
    select * from {{ ref('stg_product__events_judged') }}
),

batches as (
    select * from {{ ref('int_event_batches') }}
    where is_changed
),

changed as (
    select * from {{ ref('int_attribution_inputs') }}
    where is_changed
),

periods as (
    select * from {{ ref('int_user_account_periods') }}
),

{% if settings -%}
accounts as (
    select name as account_id from changed
    where kind = 'account'
),

users as (
    select name as user_id from changed
    where kind = 'user'
    union distinct
    select periods.user_id
    from periods
    inner join accounts on periods.account_id = accounts.account_id
),

-- ids delivered or withdrawn since, events that the clock or the as-of has let in or shut out, and those whose account
-- or user is another's now
touched as (
    select event_key from judged
    where batch_id in (select batch_id from batches)
    union distinct
    select event_key from judged
    where
        occurred_at > least({{ as_of }}, {{ moment_literal(settings.as_of) }})
        and occurred_at <= greatest({{ as_of }}, {{ moment_literal(settings.as_of) }})
    union distinct
    select event_key from judged
    where received_at is null and {{ is_judged_otherwise_now('occurred_at', settings) }}
    union distinct
    select event_key from judged
    where account_id in (select account_id from accounts)
    union distinct
    select event_key from judged
    where user_id in (select user_id from users)
),

-- what a device did without its user may be another user's now, from its first touched event on
devices as (
    select anonymous_id, min(occurred_at) as touched_from
    from judged
    where
        event_key in (select event_key from touched)
        and anonymous_id is not null
    group by anonymous_id
),

unnamed as (
    select judged.event_key
    from judged
    inner join devices
        on judged.anonymous_id = devices.anonymous_id
        and judged.occurred_at >= devices.touched_from
    where judged.user_id is null
),

touched_keys as (
    select event_key from touched
    where event_key is not null
    union distinct
    select event_key from unnamed
    where event_key is not null
),
{%- else -%}
touched_keys as (
    select event_key from judged
    where 1 = 0
),
{%- endif %}

-- all deliveries of an event, whichever counts
final as (
    select
        judged.event_key,
        judged.event_id,
        judged.event_source,
        judged.event_name,
        judged.occurred_at,
        judged.user_id,
        judged.account_id,
        judged.anonymous_id,
        judged.reason
    from judged
    inner join touched_keys on judged.event_key = touched_keys.event_key
)

select * from final
