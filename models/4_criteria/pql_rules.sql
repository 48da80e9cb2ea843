{%- set config = pql_config() %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

attributes as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
),

-- the stages of leads are judged as criteria are
stages as (
    select criterion_name, max(place) as place
    from {{ ref('pql_warehouse', 'int_stage_entries') }}
    group by criterion_name
),

rules as (
    {{ check_rules(config) | indent(4) }}
    union all
    {{ stage_rules(config, 'stages') | indent(4) }}
),

rule_attributes as (
    {{ rule_attributes(config) | indent(4) }}
),

as_of as (
    select
        {{ conversions_as_of('as_of') }} as outcomes_as_of
    from {{ ref('pql_warehouse', 'int_as_of') }}
),

-- attributes of which the value before the conversion is unknown for some account that converted
overwritten as (
    select attributes.attribute
    from attributes
    inner join accounts on attributes.account_id = accounts.account_id
    inner join as_of on accounts.converted_at <= as_of.outcomes_as_of
    where attributes.valid_from = {{ beginning_of_time() }}
    group by attributes.attribute
),

current_values as (
    select
        rule_attributes.criterion_name,
        {{ joined_text('rule_attributes.attribute', ';', bytewise('rule_attributes.attribute')) }} as current_value_of
    from rule_attributes
    inner join overwritten on rule_attributes.attribute = overwritten.attribute
    group by rule_attributes.criterion_name
),

final as (
    select
        rules.*,
        current_values.current_value_of,
        as_of.outcomes_as_of
    from rules
    cross join as_of
    left join current_values on rules.criterion_name = current_values.criterion_name
)

select * from final
