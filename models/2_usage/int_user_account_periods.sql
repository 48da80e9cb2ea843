with users as (
    select * from {{ ref('pql_warehouse', 'int_users') }}
),

memberships as (
    select * from {{ ref('pql_warehouse', 'int_memberships') }}
),

boundaries as (
    select user_id, {{ beginning_of_time() }} as valid_from from users
    union distinct
    select user_id, {{ beginning_of_time() }} as valid_from from memberships
    union distinct
    select user_id, joined_at as valid_from from memberships
    union distinct
    select user_id, left_at as valid_from from memberships
),

periods as (
    select
        user_id,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by user_id order by valid_from),
            {{ end_of_time() }}
        ) as valid_to
    from boundaries
    where valid_from < {{ end_of_time() }}
),

-- the membership that an event in the period counts for: the latest to begin
ranked as (
    select
        periods.*,
        memberships.account_id,
        row_number() over (
            partition by periods.user_id, periods.valid_from
            order by memberships.joined_at desc, {{ bytewise('memberships.account_id') }} asc
        ) as choice_rank
    from periods
    left join memberships
        on periods.user_id = memberships.user_id
        and periods.valid_from >= memberships.joined_at
        and periods.valid_from < memberships.left_at
),

final as (
    select
        ranked.user_id,
        coalesce(ranked.account_id, users.account_id) as account_id,
        ranked.valid_from,
        ranked.valid_to
    from ranked
    left join users on ranked.user_id = users.user_id
    where ranked.choice_rank = 1
)

select * from final
