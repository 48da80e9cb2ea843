{%- set settings = built_settings() %}
{%- set as_of = as_of_moment() %}
{%- set batches = values_of(ref('int_event_batches'), 'batch_id', 'is_changed') %}
{%- set changed_kinds = values_of(ref('int_attribution_inputs'), 'kind', 'is_changed') %}
{%- set columns = [
    'event_key', 'event_id', 'event_source', 'event_name', 'occurred_at', 'user_id', 'account_id', 'anonymous_id', 'reason',
] %}

with judged as {{ not_materialized() }} (
    select * from {{ ref('stg_product__events_judged') }}
    where {{ 'event_key is not null' if settings else '1 = 0' }}
),

changed as (
    select * from {{ ref('int_attribution_inputs') }}
    where is_changed
),

periods as (
    select * from {{ ref('int_user_account_periods') }}
),

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
touched_keys as (
    select event_key from judged
    {%- if settings %}
    where
        batch_id in ({{ text_literals(batches or ['']) }})
        or (
            occurred_at > least({{ as_of }}, {{ moment_literal(settings.as_of) }})
            and occurred_at <= greatest({{ as_of }}, {{ moment_literal(settings.as_of) }})
        )
        or (received_at is null and {{ is_judged_otherwise_now('occurred_at', settings) }})
    {%- endif %}
    {%- if 'account' in changed_kinds %}
    union distinct
    select event_key from judged
    where account_id in (select account_id from accounts)
    {%- endif %}
    {%- if changed_kinds %}
    union distinct
    select event_key from judged
    where user_id in (select user_id from users)
    {%- endif %}
),

-- all deliveries of an event, whichever counts
deliveries as (
    select {{ columns | join(', ') }} from judged
    where event_key in (select event_key from touched_keys)
),

-- what a device did without its user may be another user's now, from its first touched event on
devices as (
    select anonymous_id, min(occurred_at) as touched_from
    from deliveries
    where anonymous_id is not null
    group by anonymous_id
),

unnamed as (
    select
        {%- for column in columns %}
        judged.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from judged
    inner join devices
        on judged.anonymous_id = devices.anonymous_id
        and judged.occurred_at >= devices.touched_from
    where
        judged.user_id is null
        and judged.event_key not in (select event_key from touched_keys)
),

final as (
    select * from deliveries
    union all
    select * from unnamed
)

select * from final
