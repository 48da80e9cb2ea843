{%- set definitions = pql_config().definitions | rejectattr('audience', 'equalto', 'converted') | list %}

with episodes as (
    select * from {{ ref('fct_criterion_episodes') }}
),

definition_changes as (
    {{ qualification_changes(definitions, 'episodes') | indent(4) }}
),

net_changes as (
    select definition_name, account_id, changed_at, sum(support) as support, sum(excluded) as excluded
    from definition_changes
    group by definition_name, account_id, changed_at
),

totals as (
    select
        definition_name,
        account_id,
        changed_at,
        sum(support) over (
            partition by definition_name, account_id order by changed_at rows unbounded preceding
        ) as support,
        sum(excluded) over (
            partition by definition_name, account_id order by changed_at rows unbounded preceding
        ) as excluded
    from net_changes
),

-- of a definition, the first moment at which it qualifies the account, whatever its audience
final as (
    select criterion_name, account_id, started_at as qualified_at
    from episodes
    where episode_number = 1
    union all
    select definition_name as criterion_name, account_id, min(changed_at) as qualified_at
    from totals
    where support > 0 and excluded = 0
    group by definition_name, account_id
)

select * from final
