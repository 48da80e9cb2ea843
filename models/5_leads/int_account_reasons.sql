{%- set config = pql_config() %}

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
        {{ filled_reason('parts', 'coalesce(ledger.observed_value, 0)') }} as reason,
        row_number() over (
            partition by ledger.account_id, ledger.is_met, ledger.is_in_grace order by parts.part_rank
        ) as place_rank,
        min(case when ledger.is_in_grace then 1 else 0 end) over (
            partition by ledger.account_id, ledger.is_met
        ) as is_all_in_grace
    from ledger
    inner join parts on ledger.criterion_name = parts.criterion_name
),

-- at most five, without those that hold by grace alone unless nothing else is left
final as (
    select account_id, {{ joined_text('reason', ', ', 'part_rank') }} as reason
    from part_states
    where
        is_met
        and place_rank <= 5
        and (not is_in_grace or is_all_in_grace = 1)
    group by account_id
)

select * from final
