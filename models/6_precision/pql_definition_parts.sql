{%- set wholes = definitions_of_parts(pql_config()) %}

with episodes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

remainders as (
    {{ definition_remainders(wholes) | indent(4) }}
),

parts as (
    {{ definition_weights(wholes) | indent(4) }}
),

exclusions as (
    {{ definition_exclusions(wholes) | indent(4) }}
),

variants as (
    select
        concat(parts.definition_name, ' without ', parts.part_name) as criterion_name,
        parts.definition_name,
        parts.part_name,
        'without' as variant,
        remainders.reach_without as reach,
        remainders.at_sign_up
    from parts
    inner join remainders on parts.definition_name = remainders.definition_name
    union all
    select
        concat(definition_name, ' with only ', part_name) as criterion_name,
        definition_name,
        part_name,
        'alone' as variant,
        cast(1 as {{ type_measure() }}) as reach,
        cast(null as {{ type_measure() }}) as at_sign_up
    from parts
    where weight > 0
),

{{ variant_change_ctes() }},

{{ episode_ctes('variant_', 'changes', 'variants') }},

{{ variant_exclusion_ctes('variant_episodes') }},

totals as (
    {{ running_totals('decisions', ['support', 'excluded']) | indent(4) }}
),

qualifications as (
    select
        definition_name as criterion_name,
        account_id,
        min(changed_at) as qualified_at
    from totals
    where
        support > 0
        and excluded = 0
    group by definition_name, account_id
),

final as (
    select
        variants.definition_name,
        variants.part_name,
        variants.variant,
        qualifications.account_id,
        qualifications.qualified_at
    from qualifications
    inner join variants on qualifications.criterion_name = variants.criterion_name
)

select * from final
