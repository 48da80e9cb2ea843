with recursive aliases as (
    select * from {{ ref('pql_warehouse', 'stg_product__user_aliases') }}
),

mergers as (
    select * from {{ ref('pql_warehouse', 'stg_product__account_merges') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

statements as (
    select
        'user' as kind,
        old_user_id as id,
        user_id as successor_id,
        aliased_at as succeeded_at,
        source_name,
        row_key
    from aliases
    union all
    select
        'account' as kind,
        account_id as id,
        into_account_id as successor_id,
        merged_at as succeeded_at,
        source_name,
        row_key
    from mergers
),

-- of what is said of one id up to the as-of, the latest holds
ranked as (
    select
        statements.*,
        row_number() over (
            partition by statements.kind, statements.id
            order by
                statements.succeeded_at desc,
                {{ bytewise('statements.successor_id') }} desc,
                statements.source_name,
                statements.row_key
        ) as recency_rank
    from statements
    inner join as_of on statements.succeeded_at <= as_of.as_of
),

holding as (
    select kind, id, successor_id, succeeded_at, source_name, row_key
    from ranked
    where recency_rank = 1
),

-- from every id along the chain until it comes back to it: `is_latest` says that none on the way is later than its own
walks as (
    select kind, id, succeeded_at, successor_id as reached_id, true as is_latest, 1 as steps
    from holding
    union all
    select
        walks.kind,
        walks.id,
        walks.succeeded_at,
        holding.successor_id as reached_id,
        walks.is_latest and (
            holding.succeeded_at < walks.succeeded_at
            or (holding.succeeded_at = walks.succeeded_at and {{ bytewise('holding.id') }} < {{ bytewise('walks.id') }})
        ) as is_latest,
        walks.steps + 1 as steps
    from walks
    inner join holding
        on walks.kind = holding.kind
        and walks.reached_id = holding.id
    where
        walks.reached_id <> walks.id
        and walks.steps < {{ longest_chain() }}
),

-- the latest statement of a cycle does not count
closing as (
    select kind, id from walks
    where
        reached_id = id
        and is_latest
),

final as (
    select
        holding.kind,
        holding.id,
        holding.successor_id,
        holding.succeeded_at,
        holding.source_name,
        holding.row_key,
        closing.id is not null as closes_a_cycle
    from holding
    left join closing
        on holding.kind = closing.kind
        and holding.id = closing.id
)

select * from final
