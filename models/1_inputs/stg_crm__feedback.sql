{{ configured(materialized='table') }}
{%- set reasons = [
    'not_a_fit', 'bad_timing', 'no_response', 'wrong_contact', 'already_customer', 'personal_use', 'duplicate', 'other',
] %}

with source as (
    {{ raw_rows('crm_pql_feedback') | indent(4) }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

-- an answer sent twice counts once, as it was last
ranked as (
    select
        source.*,
        as_of.as_of,
        row_number() over (
            partition by source.feedback_id
            order by source.dispositioned_at desc, {{ bytewise('source.disposition') }}, {{ bytewise('source.pql_account_id') }}
        ) as copy_rank
    from source
    inner join as_of on source.dispositioned_at <= as_of.as_of
    where {{ is_read('crm_pql_feedback') }}
),

answers as (
    select
        *,
        disposition in ({{ text_literals(sales_dispositions()) }}) as is_known
    from ranked
    where copy_rank = 1
),

-- what the rep wrote in words, and who wrote it, stays outside
final as (
    select
        feedback_id,
        pql_account_id,
        pql_event_id,
        case when is_known then disposition else 'unknown' end as disposition,
        case
            when reason_code is null or reason_code in ({{ text_literals(reasons) }}) then reason_code
            else 'other'
        end as reason_code,
        case when first_touch_at <= as_of then first_touch_at end as first_touch_at,
        dispositioned_at,
        opportunity_id,
        opportunity_amount,
        case
            when is_known
                then {{ add_days('cast(dispositioned_at as date)', crm_setting('pql_feedback_cool_down_days')) }}
        end as suppressed_until
    from answers
)

select * from final
