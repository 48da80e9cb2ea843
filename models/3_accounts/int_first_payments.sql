with conversions as (
    select * from {{ ref('pql_warehouse', 'stg_billing__conversions') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

paid as (
    select
        {{ successor_of('conversions.account_id', 'account') }} as account_id,
        conversions.converted_at,
        conversions.is_known_to_day,
        conversions.amount
    from conversions
    {{ successor_join('conversions.account_id', 'account') | indent(4) }}
),

-- a payment given as a date happened at some moment of that day where the account is
dated as (
    select
        paid.account_id,
        {{ moment_of('paid.converted_at', 'paid.is_known_to_day', 'accounts.local_time_zone') | indent(8) }} as converted_at,
        case
            when paid.is_known_to_day
                then {{ local_midnight(add_days('cast(paid.converted_at as date)', 1), 'accounts.local_time_zone') }}
        end as converted_day_ends_at,
        cast(paid.amount as {{ type_measure() }}) as amount
    from paid
    inner join accounts on paid.account_id = accounts.account_id
),

-- a payment at the very midnight goes before one of which only the day is known; of several at one moment the greatest counts
ordered as (
    select
        dated.*,
        row_number() over (
            partition by dated.account_id
            order by
                dated.converted_at asc,
                case when dated.converted_day_ends_at is null then 1 else 2 end asc,
                dated.amount desc nulls last
        ) as payment_number
    from dated
    inner join as_of on dated.converted_at <= as_of.as_of
),

final as (
    select
        account_id,
        converted_at,
        converted_day_ends_at,
        amount
    from ordered
    where payment_number = 1
)

select * from final
