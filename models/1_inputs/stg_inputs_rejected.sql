with inputs as (
    select * from {{ ref('pql_warehouse', 'base_inputs') }}
),

-- alias calls are events, and no rows of an input
calls as (
    select
        'user_aliases' as input_name,
        source_name,
        cast(null as {{ dbt.type_string() }}) as account_id,
        row_key,
        'closes_a_cycle' as reason
    from {{ ref('pql_warehouse', 'int_successions') }}
    where
        closes_a_cycle
        and row_key like 'event_id=%'
),

final as (
    select
        input_name,
        source_name,
        account_id,
        row_key,
        reason
    from inputs
    where reason is not null
    union all
    select * from calls
)

select * from final
