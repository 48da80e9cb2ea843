with recursive successions as (
    select * from {{ ref('pql_warehouse', 'int_successions') }}
    where not closes_a_cycle
),

walks as (
    select kind, id, successor_id, 1 as steps from successions
    union all
    select walks.kind, walks.id, successions.successor_id, walks.steps + 1 as steps
    from walks
    inner join successions
        on walks.kind = successions.kind
        and walks.successor_id = successions.id
    where walks.steps < {{ longest_chain() }}
),

-- the end of the chain: nothing follows it
final as (
    select walks.kind, walks.id, walks.successor_id
    from walks
    left join successions
        on walks.kind = successions.kind
        and walks.successor_id = successions.id
    where successions.id is null
)

select * from final
