{%- set primary = pql_config().definitions[0] %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

qualified as (
    select * from {{ ref('pql_warehouse', 'int_pql_qualifications') }}
),

attributes as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
),

verdicts as (
    select * from {{ outcomes_so_far() | indent(4) }}
    where
        kind = 'definition'
        and criterion_name = {{ text_literal(primary.name) }}
),

starts as (
    select * from {{ ref('pql_warehouse', 'int_pql_last_starts') }}
),

sales as (
    select
        *,
        row_number() over (partition by pql_account_id order by detected_at desc) as recency_rank
    from {{ ref('pql_warehouse', 'fct_pql_sales_outcomes') }}
),

-- what an account was when it first qualified, or is where it never did
profiles as (
    select
        accounts.account_id,
        {{ attribute_value(crm_setting('pql_segment_attribute')) }} as segment{{ attribute_columns('first') }} -- noqa: LT02
    from accounts
    cross join as_of
    inner join attributes
        on accounts.account_id = attributes.account_id
        and coalesce(accounts.first_qualified_at, as_of.as_of) >= attributes.valid_from
        and coalesce(accounts.first_qualified_at, as_of.as_of) < attributes.valid_to
    group by accounts.account_id
),

{% if mart_attributes() -%}
current_profiles as (
    {{ current_attributes('attributes', 'as_of') | indent(4) }}
),
{%- endif %}

final as (
    select
        accounts.account_id,
        accounts.account_name,
        accounts.domain,
        accounts.signed_up_at,
        cast(accounts.signed_up_at as date) as signed_up_on,
        {{ period_start('accounts.signed_up_at', 'month') }} as signup_cohort_month,
        coalesce(profiles.segment, 'none') as segment,
        accounts.pql_status,
        accounts.is_pql,
        accounts.times_qualified > 0 as is_ever_pql,
        accounts.times_qualified,
        accounts.converted_at is not null as is_converted,
        coalesce({{ is_mature('verdicts.state') }}, false) as is_judged,
        coalesce(verdicts.state = 'hit', false) as is_hit,
        sales.pql_event_id is not null and sales.arm = 'contacted' as is_announced,
        coalesce(sales.is_accepted, false) as is_sales_accepted,
        accounts.first_qualified_at,
        cast(accounts.first_qualified_at as date) as first_qualified_on,
        qualified.first_tier,
        qualified.first_score,
        qualified.first_criteria_met,
        qualified.first_reason_code,
        qualified.first_plan,
        accounts.qualified_at as last_qualified_at,
        qualified.last_tier,
        qualified.last_score,
        qualified.last_criteria_met,
        qualified.last_reason_code,
        qualified.last_plan,
        coalesce(accounts.reason, qualified.last_reason) as reason,
        accounts.plan as current_plan,
        accounts.pql_tier as current_tier,
        accounts.pql_score as current_score,
        accounts.criteria_met as current_criteria_met
        {{- attribute_columns('first', 'profiles') }}{{ attribute_columns('current', 'current_profiles') }},
        starts.queue,
        coalesce(sales.arm, 'none') as arm,
        coalesce(sales.disposition, 'none') as disposition,
        sales.first_touch_at,
        sales.minutes_to_first_touch,
        sales.is_contacted_in_time,
        accounts.converted_at,
        cast(accounts.converted_at as date) as converted_on,
        cast(accounts.last_seen_at as date) as last_seen_on,
        cast({{ dbt.datediff('accounts.signed_up_at', 'accounts.first_qualified_at', 'day') }} as bigint) as days_signup_to_pql, -- noqa: LT05
        case
            when accounts.converted_at >= accounts.first_qualified_at
                then cast({{ dbt.datediff('accounts.first_qualified_at', 'accounts.converted_at', 'day') }} as bigint) -- noqa: LT05
        end as days_pql_to_conversion
    from accounts
    left join qualified on accounts.account_id = qualified.account_id
    left join profiles on accounts.account_id = profiles.account_id
    {%- if mart_attributes() %}
    left join current_profiles on accounts.account_id = current_profiles.account_id
    {%- endif %}
    left join verdicts on accounts.account_id = verdicts.account_id
    left join starts on accounts.account_id = starts.pql_account_id
    left join sales on accounts.account_id = sales.pql_account_id and sales.recency_rank = 1
)

select * from final
