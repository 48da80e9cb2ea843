{{ configured(materialized=rewritable(), incremental_strategy='rewrite_accounts', on_schema_change='append_new_columns') }}

{%- set combinations = pql_criteria('combination') %}
{%- set inputs = {'accounts': ref('pql_warehouse', 'int_accounts_to_evaluate')} %}

with level_0 as (
    select criterion_name, account_id, started_at, ended_at
    from {{ ref('pql_warehouse', 'int_criterion_leaf_episodes') }}
),

{% for level, criteria in combinations | groupby('level') %}
rules_{{ level }} as (
    {{ combination_rules(criteria) | indent(4) }}
),

changes_{{ level }} as (
    {{ combination_changes(criteria, 'level_' ~ (level - 1), inputs) | indent(4) }}
),

{{ episode_ctes('level_' ~ level ~ '_', 'changes_' ~ level, 'rules_' ~ level) }},

-- every criterion that is at most {{ level }} combinations deep
level_{{ level }} as (
    select * from level_{{ level - 1 }}
    union all
    select * from level_{{ level }}_episodes
),
{% endfor %}

final as (
    select
        account_id,
        criterion_name,
        cast(row_number() over (partition by account_id, criterion_name order by started_at) as bigint) as episode_number,
        started_at,
        ended_at
    from level_{{ combinations | map(attribute='level') | max if combinations else 0 }}
)

select * from final
