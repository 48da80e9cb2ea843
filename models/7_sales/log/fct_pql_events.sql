{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false,
    pre_hook="{{ put_right(this, 'plan_limit_pct', '0', 'plan_limit_pct < 0') }}"
) }}
{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}
{%- set limits = config.criteria | selectattr('is_share_of_limit') | map(attribute='name') | list %}
{%- set rules_version = pql_rules_version() %}

with as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

answers as (
    select pql_account_id, max(suppressed_until) as suppressed_until
    from {{ ref('pql_warehouse', 'stg_crm__feedback') }}
    group by pql_account_id
),

transitions as (
    {{ pql_transitions(ref('pql_warehouse', 'fct_pql_episodes'), primary.name) | indent(4) }}
),

last_build as (
    {{ last_logged_build(this) | indent(4) }}
),

logged as (
    {{ logged_accounts(this) | indent(4) }}
),

entries as (
    {{ new_log_entries('transitions', 'logged', 'accounts', 'as_of', 'last_build') | indent(4) }}
),

limits_used as (
    select account_id, max(observed_value) as share
    from {{ ref('pql_warehouse', 'pql_account_criteria') }}
    where criterion_name in ({{ text_literals(limits or ['']) }})
    group by account_id
),

known as (
    select
        entries.*,
        as_of.as_of,
        accounts.reason as spoken_reason,
        {{ leading_criterion(config, "coalesce(entries.criteria_met, '')") | indent(8) }} as reason_code,
        limits_used.share,
        logged.told_qualified_at,
        logged.cooldown_until,
        answers.suppressed_until,
        coalesce(logged.event_seq, 0) + row_number() over (
            partition by entries.account_id order by entries.event_at
        ) as event_seq,
        row_number() over (partition by entries.account_id order by entries.event_at desc) as recency_rank,
        last_build.as_of is null
        or (
            last_build.rules_version <> '{{ rules_version }}'
            and (entries.event_at <= last_build.as_of or entries.is_correction)
        ) as is_backfill,
        coalesce(
            last_build.rules_version = '{{ rules_version }}'
            and (entries.event_at <= last_build.as_of or entries.is_correction),
            false
        ) as is_late_arriving
    from entries
    cross join as_of
    left join last_build on true
    left join accounts on entries.account_id = accounts.account_id
    left join answers on entries.account_id = answers.pql_account_id
    left join limits_used on entries.account_id = limits_used.account_id
    left join logged on entries.account_id = logged.account_id
),

judged as (
    select
        *,
        {{ silent_because() | indent(8) }} as silent_because
    from known
),

final as (
    select
        {{ pql_event_id('account_id', 'event_type', 'event_at', 'event_seq', 'is_correction') }} as pql_event_id,
        account_id as pql_account_id,
        cast(event_seq as integer) as event_seq,
        {{ text_literal(primary.name) }} as definition_name,
        event_type,
        is_start,
        event_at,
        cast(event_at as date) as event_on,
        qualified_at,
        as_of as detected_at,
        {{ log_moment('logged_at') }} as logged_at,
        coalesce(tier, '') as tier,
        cast(coalesce(score, 0) as {{ type_measure() }}) as score,
        reason_code,
        coalesce(criteria_met, '') as criteria_met,
        case
            when is_start and recency_rank = 1 and spoken_reason is not null then spoken_reason
            else replace(reason_code, '_', ' ')
        end as reason,
        {{ crm_number('plan_limit_pct', 'floor(share * 100)') | indent(8) }} as plan_limit_pct,
        '{{ rules_version }}' as rules_version,
        is_backfill,
        is_late_arriving,
        is_correction,
        silent_because,
        silent_because = '' as is_notifiable,
        case
            when silent_because in ('', 'holdout')
                then {{ add_days('cast(as_of as date)', primary.cool_down_days or 0) }}
        end as cooldown_until
    from judged
)

select * from final
