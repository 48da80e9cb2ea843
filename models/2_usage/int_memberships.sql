{%- set calls, leaving = identity_calls('identity_events'), identity_calls('leaving_events') %}

with memberships as (
    select * from {{ ref('pql_warehouse', 'stg_product__memberships') }}
),

stated as (
    select distinct
        {{ successor_of('memberships.user_id', 'user') }} as user_id,
        {{ successor_of('memberships.account_id', 'account') }} as account_id,
        memberships.joined_at,
        memberships.left_at
    from memberships
    {{ successor_join('memberships.user_id', 'user') | indent(4) }}
    {{ successor_join('memberships.account_id', 'account') | indent(4) }}
),

{% if calls -%}
calls as (
    select calls.*, true as is_in
    from (
        {{ calls | indent(8) }}
    ) as calls
    {%- if leaving %}
    union all
    select leaving.*, false as is_in
    from (
        {{ leaving | indent(8) }}
    ) as leaving
    {%- endif %}
),

-- what a call says of a user and an account, unless the input says it outright
called as (
    select named.*
    from (
        select
            {{ successor_of('calls.user_id', 'user') }} as user_id,
            {{ successor_of('calls.account_id', 'account') }} as account_id,
            calls.occurred_at,
            calls.event_id,
            calls.is_in
        from calls
        {{ successor_join('calls.user_id', 'user') | indent(8) }}
        {{ successor_join('calls.account_id', 'account') | indent(8) }}
        where calls.account_id is not null
    ) as named
    left join (select distinct user_id, account_id from stated) as known
        on named.user_id = known.user_id
        and named.account_id = known.account_id
    where known.user_id is null
),

-- only the calls that change the account matter
moves as (
    select
        *,
        lag(case when is_in then account_id end) over (
            partition by user_id order by occurred_at, {{ bytewise('event_id') }} nulls first
        ) as previous_account_id,
        min(case when not is_in then occurred_at end) over (
            partition by user_id, account_id order by occurred_at, {{ bytewise('event_id') }} nulls first
            rows between 1 following and unbounded following
        ) as left_at
    from (
        select user_id, account_id, occurred_at, event_id, is_in from called
        union all
        select user_id, account_id, joined_at as occurred_at, cast(null as {{ dbt.type_string() }}) as event_id, true as is_in
        from stated
    ) as joined
),
{%- endif %}

final as (
    select user_id, account_id, joined_at, left_at from stated
    {% if calls -%}
    union all
    select user_id, account_id, occurred_at as joined_at, coalesce(left_at, {{ end_of_time() }}) as left_at
    from moves
    where
        is_in
        and event_id is not null
        and (previous_account_id is null or previous_account_id <> account_id)
    {%- endif %}
)

select * from final
