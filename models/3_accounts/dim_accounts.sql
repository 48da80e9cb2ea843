with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

listed as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

plans as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where attribute = 'plan'
),

churns as (
    select * from {{ ref('pql_warehouse', 'int_churns') }}
),

final as (
    select
        accounts.account_id,
        listed.account_name,
        listed.domain,
        plans.value as plan,
        accounts.local_time_zone as time_zone,
        coalesce(accounts.signed_up_at, accounts.given_signed_up_at) as signed_up_at,
        accounts.is_signup_inferred,
        listed.trial_ends_at,
        accounts.converted_at,
        accounts.converted_day_ends_at,
        churns.churned_at,
        accounts.closed_at,
        accounts.merged_into,
        accounts.first_seen_at,
        accounts.last_seen_at,
        listed.attributes
    from accounts
    inner join listed on accounts.account_id = listed.account_id
    left join churns on accounts.account_id = churns.account_id
    left join plans
        on accounts.account_id = plans.account_id
        and accounts.as_of >= plans.valid_from
        and accounts.as_of < plans.valid_to
)

select * from final
