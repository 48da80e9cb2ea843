{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}

with accounts as (
    select * from {{ ref('dim_accounts') }}
),

ledger as (
    select * from {{ ref('pql_account_criteria') }}
),

episodes as (
    select
        account_id,
        count(*) as times_qualified,
        count(ended_at) as times_ended,
        min(qualified_at) as first_qualified_at,
        max(qualified_at) as qualified_at,
        max(ended_at) as last_ended_at
    from {{ ref('fct_pql_episodes') }}
    where definition_name = {{ text_literal(primary.name) }}
    group by account_id
),

moments as (
    select {{ text_literal(primary.name) }} as definition_name, account_id, as_of as moment
    from {{ ref('int_accounts') }}
),

standings as (
    {{ standings(config, 'moments', ref('fct_criterion_episodes')) | indent(4) }}
),

excluded as (
    select distinct account_id
    from ledger
    where
        is_met
        and criterion_name in ({{ text_literals(primary.excluded_when or ['']) }})
),

parts as (
    {{ definition_parts(config) | indent(4) }}
),

part_states as (
    select
        ledger.*,
        parts.part_rank,
        parts.needed,
        {{ filled_reason('parts', 'coalesce(ledger.observed_value, 0)') }} as reason,
        row_number() over (
            partition by ledger.account_id, ledger.is_met, ledger.is_in_grace order by parts.part_rank
        ) as place,
        min(case when ledger.is_in_grace then 1 else 0 end) over (
            partition by ledger.account_id, ledger.is_met
        ) as is_all_in_grace
    from ledger
    inner join parts on ledger.criterion_name = parts.criterion_name
),

-- at most five, without those that hold by grace alone unless nothing else is left
reasons as (
    select account_id, {{ joined_text('reason', ', ', 'part_rank') }} as reason
    from part_states
    where
        is_met
        and place <= 5
        and (not is_in_grace or is_all_in_grace = 1)
    group by account_id
),

-- these miss nothing, whether they are leads, their lead has expired or the audience is another
meeting as (
    select account_id
    from ledger
    where
        is_met
        and criterion_name = {{ text_literal(primary.qualifies_when) }}
),

nearest_misses as (
    select
        account_id,
        criterion_name,
        progress,
        concat(reason, needed) as next_step
    from (
        select
            *,
            row_number() over (partition by account_id order by progress desc, part_rank asc) as nearness
        from part_states
        where
            not is_met
            and account_id not in (select meeting.account_id from meeting)
    ) as misses
    where nearness = 1
),

judged as (
    select
        accounts.*,
        case
            when accounts.converted_at is not null then 'converted'
            when accounts.closed_at is not null then 'closed'
            when excluded.account_id is not null then 'excluded'
            when episodes.times_qualified > episodes.times_ended then 'active'
            when episodes.times_qualified > 0 then 'lapsed'
            else 'never'
        end as pql_status,
        coalesce(episodes.times_qualified > episodes.times_ended, 1 = 0) as is_pql,
        episodes.qualified_at,
        episodes.first_qualified_at,
        episodes.last_ended_at,
        coalesce(episodes.times_qualified, 0) as times_qualified,
        standings.tier as pql_tier,
        standings.score as pql_score,
        standings.criteria_met,
        reasons.reason,
        nearest_misses.criterion_name as next_criterion,
        nearest_misses.progress as next_criterion_progress,
        nearest_misses.next_step
    from accounts
    left join episodes on accounts.account_id = episodes.account_id
    left join standings on accounts.account_id = standings.account_id
    left join excluded on accounts.account_id = excluded.account_id
    left join reasons on accounts.account_id = reasons.account_id
    left join nearest_misses on accounts.account_id = nearest_misses.account_id
),

final as (
    select
        account_id,
        account_name,
        domain,
        plan,
        is_pql,
        pql_status,
        qualified_at,
        first_qualified_at,
        last_ended_at,
        times_qualified,
        pql_tier,
        cast(pql_score as {{ type_measure() }}) as pql_score,
        criteria_met,
        case when is_pql then reason end as reason,
        case when pql_status in ('never', 'lapsed') then next_criterion end as next_criterion,
        cast(case when pql_status in ('never', 'lapsed') then next_criterion_progress end as {{ type_measure() }})
            as next_criterion_progress,
        case when pql_status in ('never', 'lapsed') then next_step end as next_step,
        signed_up_at,
        trial_ends_at,
        converted_at,
        closed_at,
        first_seen_at,
        last_seen_at
    from judged
)

select * from final
