{%- set names = (['plan'] + attributes_of_limits()) | unique(case_sensitive=true) | list %}

with attributes as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where attribute in ({{ text_literals(names) }})
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

-- the first day that starts at or after a change is the first that counts by the new value
bounded as (
    select
        attributes.account_id,
        attributes.attribute,
        attributes.value,
        {{ day_known('attributes.valid_from', 'accounts') }} as held_from_on,
        case
            when attributes.valid_to < {{ end_of_time() }} then {{ day_known('attributes.valid_to', 'accounts') }}
        end as held_to_on
    from attributes
    inner join accounts on attributes.account_id = accounts.account_id
    where attributes.valid_to > accounts.signed_up_at
),

final as (
    select *
    from bounded
    where
        value is not null
        and (held_to_on is null or held_from_on < held_to_on)
)

select * from final
