with log as (
    select * from {{ ref('pql_warehouse', 'fct_pql_events') }}
),

feedback as (
    select * from {{ ref('pql_warehouse', 'stg_crm__feedback') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'dim_accounts') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

-- what sales was told, and what it would have been told of the accounts held out
announced as (
    select
        *,
        case when is_notifiable then 'contacted' else 'holdout' end as arm,
        {{ add_time('hour', crm_setting('pql_contact_within_hours'), 'detected_at') }} as contact_by,
        lead(detected_at, 1, {{ end_of_time() }}) over (partition by pql_account_id order by event_seq) as next_detected_at
    from log
    where silent_because in ('', 'holdout')
),

-- an answer without an event's id is about the event that sales had been told of last
answers as (
    select
        announced.pql_event_id,
        feedback.disposition,
        feedback.reason_code,
        feedback.dispositioned_at,
        min(feedback.first_touch_at) over (partition by announced.pql_event_id) as first_touch_at,
        row_number() over (
            partition by announced.pql_event_id
            order by feedback.dispositioned_at desc, {{ bytewise('feedback.feedback_id') }} desc
        ) as recency_rank
    from announced
    inner join feedback
        on announced.pql_account_id = feedback.pql_account_id
        and (
            announced.pql_event_id = feedback.pql_event_id
            or (
                feedback.pql_event_id is null
                and announced.detected_at <= feedback.dispositioned_at
                and announced.next_detected_at > feedback.dispositioned_at
            )
        )
    where feedback.disposition <> 'unknown'
),

final as (
    select
        announced.pql_event_id,
        announced.pql_account_id,
        announced.arm,
        announced.tier,
        announced.reason_code,
        announced.criteria_met,
        announced.detected_at,
        announced.contact_by,
        answers.first_touch_at,
        cast({{ dbt.datediff('announced.detected_at', 'answers.first_touch_at', 'minute') }} as bigint) as minutes_to_first_touch, -- noqa: LT05
        case
            when answers.first_touch_at is not null then answers.first_touch_at <= announced.contact_by
            when as_of.as_of > announced.contact_by then false
        end as is_contacted_in_time,
        coalesce(answers.disposition, 'none') as disposition,
        coalesce(answers.reason_code, '') as disposition_reason,
        answers.dispositioned_at,
        coalesce(answers.disposition in ('accepted', 'working', 'won', 'lost'), false) as is_accepted,
        coalesce(answers.disposition = 'rejected', false) as is_rejected,
        case when accounts.converted_at >= announced.detected_at then accounts.converted_at end as converted_at
    from announced
    cross join as_of
    left join answers on announced.pql_event_id = answers.pql_event_id and answers.recency_rank = 1
    left join accounts on announced.pql_account_id = accounts.account_id
)

select * from final
