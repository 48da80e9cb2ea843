{%- set definitions = pql_config().definitions | rejectattr('audience', 'equalto', 'converted') | list %}

with episodes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
),

definitions as (
    {{ first_qualifications(definitions, ref('pql_warehouse', 'fct_criterion_episodes')) | indent(4) }}
),

final as (
    select criterion_name, account_id, started_at as qualified_at
    from episodes
    where episode_number = 1
    union all
    select criterion_name, account_id, qualified_at
    from definitions
)

select * from final
