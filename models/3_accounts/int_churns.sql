with ends as (
    select * from {{ ref('pql_warehouse', 'stg_billing__subscription_ends') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

payments as (
    select * from {{ ref('pql_warehouse', 'int_first_payments') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

of_accounts as (
    select
        {{ successor_of('ends.account_id', 'account') }} as account_id,
        ends.ended_at,
        ends.is_known_to_day
    from ends
    {{ successor_join('ends.account_id', 'account') | indent(4) }}
),

dated as (
    select
        of_accounts.account_id,
        {{ moment_of('of_accounts.ended_at', 'of_accounts.is_known_to_day', 'accounts.local_time_zone') | indent(8) }} as ended_at
    from of_accounts
    inner join accounts on of_accounts.account_id = accounts.account_id
),

final as (
    select
        payments.account_id,
        min(dated.ended_at) as churned_at
    from payments
    inner join dated
        on payments.account_id = dated.account_id
        and payments.converted_at < dated.ended_at
    inner join as_of on dated.ended_at <= as_of.as_of
    group by payments.account_id
)

select * from final
