{{ config(materialized='view') }}

with feedback as (
    select * from {{ ref('stg_crm__feedback') }}
),

touches as (
    select pql_account_id, min(first_touch_at) as first_touch_at
    from feedback
    group by pql_account_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by pql_account_id order by dispositioned_at desc, {{ bytewise('feedback_id') }} desc
        ) as recency
    from feedback
    where disposition <> 'unknown'
),

-- what sales last said of an account; after any answer it is left alone for a while
final as (
    select
        ranked.pql_account_id,
        ranked.disposition,
        ranked.reason_code,
        ranked.dispositioned_at,
        touches.first_touch_at,
        {{ add_days('cast(ranked.dispositioned_at as date)', crm_setting('pql_feedback_cool_down_days')) }} as suppressed_until
    from ranked
    inner join touches on ranked.pql_account_id = touches.pql_account_id
    where ranked.recency = 1
)

select * from final
