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

changes as (
    select * from {{ ref('pql_warehouse', 'stg_product__account_changes') }}
    where attribute in ('account_name', 'domain', 'trial_ends_at')
),

dated as (
    select
        changes.account_id,
        changes.attribute,
        changes.value,
        changes.changed_at,
        max(case when changes.changed_at <= accounts.as_of then changes.changed_at end)
            over (partition by changes.account_id, changes.attribute) as last_changed_at
    from changes
    inner join accounts on changes.account_id = accounts.account_id
),

-- where there is a history it alone counts: the latest value up to the as-of, null before the first
histories as (
    select
        account_id,
        max(case when attribute = 'account_name' then 1 end) as has_account_name,
        max(case when attribute = 'account_name' and changed_at = last_changed_at then value end) as account_name,
        max(case when attribute = 'domain' then 1 end) as has_domain,
        max(case when attribute = 'domain' and changed_at = last_changed_at then value end) as domain,
        max(case when attribute = 'trial_ends_at' then 1 end) as has_trial_ends_at,
        max(case when attribute = 'trial_ends_at' and changed_at = last_changed_at then value end) as trial_ends_at
    from dated
    group by account_id
),

churns as (
    select * from {{ ref('pql_warehouse', 'int_churns') }}
),

final as (
    select
        accounts.account_id,
        case when histories.has_account_name = 1 then histories.account_name else listed.account_name end as account_name,
        case when histories.has_domain = 1 then histories.domain else listed.domain end as domain,
        plans.value as plan,
        accounts.local_time_zone as time_zone,
        coalesce(accounts.signed_up_at, accounts.given_signed_up_at) as signed_up_at,
        accounts.is_signup_inferred,
        case
            when histories.has_trial_ends_at = 1 then {{ text_to_moment('histories.trial_ends_at') }}
            else listed.trial_ends_at
        end as trial_ends_at,
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
    left join histories on accounts.account_id = histories.account_id
    left join churns on accounts.account_id = churns.account_id
    left join plans
        on accounts.account_id = plans.account_id
        and accounts.as_of >= plans.valid_from
        and accounts.as_of < plans.valid_to
)

select * from final
