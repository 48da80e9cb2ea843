{%- set signed_up_text, closed_text = json_text('attributes', 'signed_up_at'), json_text('attributes', 'closed_at') %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

usage as (
    select * from {{ ref('pql_warehouse', 'fct_user_usage_daily') }}
),

payments as (
    select * from {{ ref('pql_warehouse', 'int_first_payments') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

activity as (
    select
        account_id,
        min(first_event_at) as first_seen_at,
        max(last_event_at) as last_seen_at
    from usage
    group by account_id
),

-- a sign-up or a closure that is a bare date is that day where the account is
given as (
    select
        *,
        {{ moment_of('signed_up_at', is_date_text(signed_up_text), 'local_time_zone') | indent(8) }} as given_signed_up_at,
        {{ moment_of('closed_at', is_date_text(closed_text), 'local_time_zone') | indent(8) }} as given_closed_at
    from accounts
),

-- of accounts that have become one the earliest counts, where one is not given the first event of all as well
sign_ups as (
    select
        {{ successor_of('given.account_id', 'account') }} as account_id,
        min(given.given_signed_up_at) as given_signed_up_at,
        count(*) > count(given.given_signed_up_at) as is_one_unknown
    from given
    {{ successor_join('given.account_id', 'account') | indent(4) }}
    group by {{ successor_of('given.account_id', 'account') }}
),

joined as (
    select
        given.account_id,
        given.local_time_zone,
        {{ successor_id('account') }} as merged_into,
        given.given_signed_up_at,
        case
            when
                sign_ups.given_signed_up_at is null
                or (sign_ups.is_one_unknown and activity.first_seen_at < sign_ups.given_signed_up_at)
                then activity.first_seen_at
            else sign_ups.given_signed_up_at
        end as signed_up_at,
        coalesce(sign_ups.is_one_unknown, false) and activity.first_seen_at is not null
        and (sign_ups.given_signed_up_at is null or activity.first_seen_at < sign_ups.given_signed_up_at) as is_signup_inferred,
        activity.first_seen_at,
        activity.last_seen_at,
        payments.converted_at,
        payments.converted_day_ends_at,
        case when given.given_closed_at <= as_of.as_of then given.given_closed_at end as closed_at,
        as_of.as_of
    from given
    cross join as_of
    left join sign_ups on given.account_id = sign_ups.account_id
    left join activity on given.account_id = activity.account_id
    {{ successor_join('given.account_id', 'account') | indent(4) }}
    left join payments on given.account_id = payments.account_id
),

final as (
    select
        *,
        {{ local_date('signed_up_at', 'local_time_zone') }} as signed_up_on,
        {{ local_date('as_of', 'local_time_zone') }} as as_of_on
    from joined
)

select * from final
