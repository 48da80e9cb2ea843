{%- set variants = definition_variants(pql_config()) %}
{%- set inputs = {'accounts': ref('pql_warehouse', 'int_accounts')} %}

with names as (
    {{ variant_names(variants) | indent(4) }}
),

{% if variants %}
rules as (
    {{ combination_rules(variants) | indent(4) }}
),

changes as (
    {{ combination_changes(variants, ref('pql_warehouse', 'fct_criterion_episodes'), inputs) | indent(4) }}
),

{{ episode_ctes('variant_', 'changes', 'rules') }},

-- exclusions are criteria as they are
all_episodes as (
    select criterion_name, account_id, started_at, ended_at from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
    union all
    select criterion_name, account_id, started_at, ended_at from variant_episodes
),
{% else %}
all_episodes as (
    select criterion_name, account_id, started_at, ended_at from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
),
{% endif %}

qualifications as (
    {{ first_qualifications(variants, 'all_episodes') | indent(4) }}
),

final as (
    select
        names.definition_name,
        names.part_name,
        names.variant,
        qualifications.account_id,
        qualifications.qualified_at
    from qualifications
    inner join names on qualifications.criterion_name = names.variant_name
)

select * from final
