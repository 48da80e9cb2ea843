{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}

with ledger as (
    select * from {{ ref('pql_warehouse', 'pql_account_criteria') }}
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

final as (
    select
        coalesce(reasons.account_id, nearest_misses.account_id) as account_id,
        reasons.reason,
        nearest_misses.criterion_name as next_criterion,
        nearest_misses.progress as next_criterion_progress,
        nearest_misses.next_step
    from reasons
    full outer join nearest_misses on reasons.account_id = nearest_misses.account_id
)

select * from final
