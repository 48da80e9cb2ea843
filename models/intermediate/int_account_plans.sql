with attributes as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where attribute = 'plan'
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

-- the first day that starts at or after a change is the first that counts by the new plan
bounded as (
    select
        attributes.account_id,
        attributes.value as plan,
        case
            when attributes.valid_from <= accounts.signed_up_at then accounts.signed_up_on
            else {{ add_days(local_date(just_before('attributes.valid_from'), 'accounts.local_time_zone'), 1) }}
        end as held_from_on,
        case
            when attributes.valid_to < {{ end_of_time() }}
                then {{ add_days(local_date(just_before('attributes.valid_to'), 'accounts.local_time_zone'), 1) }}
        end as held_to_on
    from attributes
    inner join accounts on attributes.account_id = accounts.account_id
    where attributes.valid_to > accounts.signed_up_at
),

final as (
    select *
    from bounded
    where
        plan is not null
        and (held_to_on is null or held_from_on < held_to_on)
)

select * from final
