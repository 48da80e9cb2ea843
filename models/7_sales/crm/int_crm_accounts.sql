with log as (
    select * from {{ ref('pql_warehouse', 'fct_pql_events') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

usage as (
    select * from {{ ref('pql_warehouse', 'int_crm_usage') }}
),

{% if mart_attributes() -%}
profiles as (
    {{ current_attributes(ref('pql_warehouse', 'int_account_attributes'), ref('pql_warehouse', 'int_as_of')) | indent(4) }}
),

{% endif -%}
answers as (
    select pql_account_id, max(suppressed_until) as suppressed_until
    from {{ ref('pql_warehouse', 'stg_crm__feedback') }}
    group by pql_account_id
),

-- an account of the log never leaves these tables
histories as (
    select
        pql_account_id,
        min(qualified_at) as first_qualified_at,
        max(case when not is_start then event_at end) as last_ended_at
    from log
    group by pql_account_id
),

starts as (
    select * from {{ ref('pql_warehouse', 'int_pql_last_starts') }}
),

told as (
    select *, row_number() over (partition by pql_account_id order by event_seq desc) as recency_rank
    from log
    where is_notifiable
),

card as (
    select
        histories.pql_account_id,
        accounts.account_name,
        accounts.domain,
        coalesce(accounts.is_pql, false) as is_pql,
        case
            when accounts.is_pql and {{ is_held_out('histories.pql_account_id') }} then 'held_out'
            when accounts.is_pql then 'active'
            else coalesce(accounts.pql_status, 'deleted')
        end as pql_status,
        coalesce(accounts.pql_status, 'deleted') in ('deleted', 'merged') as is_gone,
        starts.tier,
        starts.score,
        told.pql_event_id,
        told.event_seq as pql_event_seq,
        starts.reason_code,
        starts.criteria_met,
        starts.reason,
        usage.key_features,
        usage.active_users,
        usage.usage_as_of,
        usage.champion_user_id,
        usage.last_active_on,
        accounts.plan,
        starts.plan_limit_pct,
        accounts.trial_ends_at{{ attribute_columns('current', 'profiles') }},
        starts.queue,
        starts.suggested_owner,
        histories.first_qualified_at,
        starts.qualified_at,
        histories.last_ended_at,
        {{ add_time('hour', crm_setting('pql_contact_within_hours'), 'told.detected_at') }} as contact_by,
        answers.suppressed_until
    from histories
    left join starts on histories.pql_account_id = starts.pql_account_id
    left join told on histories.pql_account_id = told.pql_account_id and told.recency_rank = 1
    left join accounts on histories.pql_account_id = accounts.account_id
    left join usage on histories.pql_account_id = usage.account_id
    {%- if mart_attributes() %}
    left join profiles on histories.pql_account_id = profiles.account_id
    {%- endif %}
    left join answers on histories.pql_account_id = answers.pql_account_id
),

final as (
    {{ crm_card('card') | indent(4) }}
)

select * from final
