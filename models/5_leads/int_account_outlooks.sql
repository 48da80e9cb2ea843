{%- set config = pql_config() %}
{%- set primary = config.definitions[0] %}
{%- set wanted = primary_goals(config) %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

ledger as (
    select * from {{ ref('pql_warehouse', 'pql_account_criteria') }}
),

observed as (
    select * from {{ ref('pql_warehouse', 'int_criterion_observed') }}
),

-- these miss nothing, whether they are leads or their lead has expired, or are kept out
decided as (
    select account_id
    from ledger
    where
        is_met
        and criterion_name in ({{ text_literals([primary.qualifies_when] + primary.excluded_when) }})
),

candidates as (
    select * from accounts
    where
        closed_at is null
        and merged_into is null
        {%- if primary.audience != 'all' %}
        and converted_at is {{ 'not ' if primary.audience == 'converted' }}null
        {%- endif %}
        and account_id not in (select decided.account_id from decided)
),

standing as (
    select
        candidates.account_id,
        candidates.signed_up_at,
        candidates.signed_up_on,
        candidates.as_of,
        candidates.as_of_on,
        ledger.criterion_name,
        ledger.is_met,
        ledger.observed_value,
        ledger.progress,
        observed.base,
        observed.counted_on,
        observed.run
    from candidates
    inner join ledger on candidates.account_id = ledger.account_id
    left join observed
        on ledger.account_id = observed.account_id
        and ledger.criterion_name = observed.criterion_name
    where ledger.criterion_name in ({{ text_literals(wanted.leaves + (wanted.opposed | map(attribute='name') | list)) }})
),

final as (
    select
        standing.account_id,
        standing.criterion_name,
        standing.is_met,
        standing.observed_value,
        standing.progress,
        greatest(1 - standing.progress, 0.000001) as missing,
        {{ outlook_of(wanted.uses, 'ever') | indent(8) }} as can_be_met,
        coalesce(standing.signed_up_at <= standing.as_of, false)
        and {{ outlook_of(wanted.uses, 'today') | indent(8) }} as can_be_met_today
    from standing
)

select * from final
