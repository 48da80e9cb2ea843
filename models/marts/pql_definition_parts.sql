{%- set variants = definition_variants(pql_config()) %}
{%- set whole = [] %}
{%- for variant in variants %}
    {%- do whole.append({'name': variant.name, 'qualifies_when': variant.name, 'excluded_when': variant.excluded_when}) %}
{%- endfor %}
{%- set inputs = {'accounts': ref('int_accounts')} %}

with names as (
    {{ variant_names(variants) | indent(4) }}
),

{% if variants %}
rules as (
    {{ combination_rules(variants) | indent(4) }}
),

changes as (
    {{ combination_changes(variants, ref('fct_criterion_episodes'), inputs) | indent(4) }}
),

{{ episode_ctes('variant_', 'changes', 'rules') }},

-- exclusions are criteria as they are
all_episodes as (
    select criterion_name, account_id, started_at, ended_at from {{ ref('fct_criterion_episodes') }}
    union all
    select criterion_name, account_id, started_at, ended_at from variant_episodes
),
{% else %}
all_episodes as (
    select criterion_name, account_id, started_at, ended_at from {{ ref('fct_criterion_episodes') }}
),
{% endif %}

qualifications as (
    {{ first_qualifications(whole, 'all_episodes') | indent(4) }}
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
