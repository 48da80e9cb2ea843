{%- set settings = built_settings() %}
{%- set as_of = as_of_moment() %}
{%- set changed_kinds = values_of(ref('pql_warehouse', 'int_attribution_inputs'), 'kind', 'is_changed') if settings else [] %}
{%- set judged_events = ref('pql_warehouse', 'stg_product__events_judged') %}
{%- set columns = ['event_id', 'event_source', 'occurred_at', 'user_id', 'account_id', 'anonymous_id', 'reason'] %}
{%- set columns = columns + columns_of_ignored_event_rules() %}

with judged as {{ not_materialized() }} (
    select {{ accepted_id() }} as {{ columns | join(', ') }}, judged_in_build
    from {{ judged_events }}
    {%- if not settings %}
    where false
    {%- endif %}
),

changed as (
    select * from {{ ref('pql_warehouse', 'int_attribution_inputs') }}
    where is_changed
),

periods as (
    select * from {{ ref('pql_warehouse', 'int_user_account_periods') }}
),

-- with the ids that stand for them
accounts as (
    select name as account_id from changed
    where kind = 'account'
    {{ ids_standing_for('account', 'changed.name', 'changed') | indent(4) }}
),

users_changed as (
    select name as user_id from changed
    where kind = 'user'
    union distinct
    select periods.user_id
    from periods
    inner join accounts on periods.account_id = accounts.account_id
),

users as (
    select user_id from users_changed
    {{ ids_standing_for('user', 'users_changed.user_id', 'users_changed') | indent(4) }}
),

-- judged since the last whole build, let in or shut out by the as-of, or of an account or a user that is another's now
affected as (
    select * from judged
    {% if settings -%}
    where
        judged_in_build > {{ settings.build }}
        and event_id is not null
    union {{ 'distinct' if changed_kinds else 'all' }}
    select * from judged
    where
        judged_in_build <= {{ settings.build }}
        and reason is null
        and occurred_at > least({{ as_of }}, {{ moment_literal(settings.as_of) }})
        and occurred_at <= greatest({{ as_of }}, {{ moment_literal(settings.as_of) }})
    {%- endif %}
    {%- if 'account' in changed_kinds %}
    union distinct
    select * from judged
    where
        reason is null
        and account_id in (select accounts.account_id from accounts)
    {%- endif %}
    {%- if changed_kinds %}
    union distinct
    select * from judged
    where
        reason is null
        and user_id in (select users.user_id from users)
    {%- endif %}
),

-- what a device did without its user may be another user's now: after an affected event, until it is seen with a user again
devices as (
    select anonymous_id, min(occurred_at) as touched_from
    from affected
    where anonymous_id is not null
    group by anonymous_id
),

-- with all that is known of these devices since then
followed as (
    select {{ columns | join(', ') }}, 1 as is_affected from affected
    where anonymous_id is not null
    union all
    select
        {%- for column in columns %}
        judged.{{ column }},
        {%- endfor %}
        0 as is_affected
    from judged
    inner join devices
        on judged.anonymous_id = devices.anonymous_id
        and judged.occurred_at >= devices.touched_from
    where
        judged.reason is null
        {%- if settings and not changed_kinds %}
        and judged.occurred_at >= {{ devices_affected_from(judged_events, settings, as_of) }}
        {%- endif %}
        and not exists (
            select 1 from affected
            where affected.event_id = judged.event_id
        )
),

-- each time that it is seen with a user, and nothing has changed about that, a stretch begins
stretched as (
    select
        *,
        sum(case when is_affected = 0 and user_id is not null then 1 else 0 end) over (
            partition by anonymous_id order by occurred_at, {{ bytewise('event_id') }} rows unbounded preceding
        ) as stretch
    from followed
),

unnamed as (
    select *
    from (
        select
            *,
            max(is_affected) over (
                partition by anonymous_id, stretch order by occurred_at, {{ bytewise('event_id') }} rows unbounded preceding
            ) as follows_affected
        from stretched
    ) as marked
    where
        is_affected = 0
        and user_id is null
        and follows_affected = 1
),

final as (
    select {{ columns | join(', ') }} from affected
    union all
    select {{ columns | join(', ') }} from unnamed
)

select * from final
