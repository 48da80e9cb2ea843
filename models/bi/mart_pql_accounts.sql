with accounts as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

segments as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
    where attribute = {{ text_literal(crm_setting('pql_segment_attribute')) }}
),

verdicts as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_outcomes') }}
    where
        kind = 'definition'
        and criterion_name = {{ text_literal(pql_config().definitions[0].name) }}
),

starts as (
    select * from {{ ref('pql_warehouse', 'int_pql_last_starts') }}
),

sales as (
    select
        *,
        row_number() over (partition by pql_account_id order by detected_at desc) as recency
    from {{ ref('pql_warehouse', 'fct_pql_sales_outcomes') }}
),

final as (
    select
        accounts.account_id,
        accounts.account_name,
        accounts.plan,
        coalesce(segments.value, 'none') as segment,
        accounts.pql_status,
        accounts.is_pql,
        accounts.times_qualified > 0 as is_ever_pql,
        accounts.converted_at is not null as is_converted,
        coalesce(verdicts.state in ('hit', 'miss', 'miss_late', 'miss_closed'), 1 = 0) as is_judged,
        coalesce(verdicts.state = 'hit', 1 = 0) as is_hit,
        sales.pql_event_id is not null and sales.arm = 'contacted' as is_announced,
        coalesce(sales.is_accepted, 1 = 0) as is_sales_accepted,
        accounts.pql_tier,
        accounts.pql_score,
        accounts.reason,
        accounts.criteria_met,
        starts.reason_code,
        starts.queue,
        coalesce(sales.arm, 'none') as arm,
        coalesce(sales.disposition, 'none') as disposition,
        sales.first_touch_at,
        sales.minutes_to_first_touch,
        sales.is_contacted_in_time,
        accounts.signed_up_at,
        cast(accounts.signed_up_at as date) as signed_up_on,
        {{ period_start('accounts.signed_up_at', 'month') }} as signup_cohort_month,
        accounts.first_qualified_at,
        cast(accounts.first_qualified_at as date) as first_qualified_on,
        accounts.converted_at,
        cast(accounts.converted_at as date) as converted_on,
        cast(accounts.last_seen_at as date) as last_seen_on,
        cast({{ dbt.datediff('accounts.signed_up_at', 'accounts.first_qualified_at', 'day') }} as bigint) as days_signup_to_pql, -- noqa: LT05
        case
            when accounts.converted_at >= accounts.first_qualified_at
                then cast({{ dbt.datediff('accounts.first_qualified_at', 'accounts.converted_at', 'day') }} as bigint) -- noqa: LT05
        end as days_pql_to_conversion
    from accounts
    cross join as_of
    left join segments
        on accounts.account_id = segments.account_id
        and coalesce(accounts.first_qualified_at, as_of.as_of) >= segments.valid_from
        and coalesce(accounts.first_qualified_at, as_of.as_of) < segments.valid_to
    left join verdicts on accounts.account_id = verdicts.account_id
    left join starts on accounts.account_id = starts.pql_account_id
    left join sales on accounts.account_id = sales.pql_account_id and sales.recency = 1
)

select * from final
