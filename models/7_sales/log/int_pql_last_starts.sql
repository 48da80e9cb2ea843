with starts as (
    select *
    from (
        select *, row_number() over (partition by pql_account_id order by event_seq desc) as recency_rank
        from {{ ref('pql_warehouse', 'fct_pql_events') }}
        where is_start
    ) as numbered
    where recency_rank = 1
),

rules as (
    {{ raw_input('crm_routing', seed_input('crm_routing')) | indent(4) }}
),

routes as (
    {{ lead_routes('starts', 'rules') | indent(4) }}
),

final as (
    select
        starts.pql_account_id,
        starts.pql_event_id,
        starts.qualified_at,
        starts.tier,
        starts.score,
        starts.reason_code,
        starts.criteria_met,
        starts.reason,
        starts.plan_limit_pct,
        routes.queue,
        routes.suggested_owner
    from starts
    left join routes on starts.pql_event_id = routes.pql_event_id
)

select * from final
