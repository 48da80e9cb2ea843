-- one row per account that does not meet the definition, the nearest on top: by points where there is a score
{%- set primary = pql_config().definitions[0] %}
with accounts as (
    select accounts.*
    from {{ ref('pql_warehouse', 'pql_accounts') }} as accounts
    inner join {{ ref('pql_warehouse', 'pql_account_criteria') }} as ledger
        on accounts.account_id = ledger.account_id
        and ledger.criterion_name = {{ text_literal(primary.qualifies_when) }}
    where
        accounts.pql_status in ('never', 'lapsed')
        and accounts.next_criterion_progress > 0
        and not ledger.is_met
),

scores as (
    select account_id, observed_value, threshold, progress
    from {{ ref('pql_warehouse', 'pql_account_criteria') }}
    where criterion_name = {{ text_literal(primary.score or '') }}
)

select
    accounts.account_id,
    accounts.account_name,
    accounts.plan,
    accounts.pql_status,
    accounts.next_criterion,
    accounts.next_criterion_progress,
    accounts.next_step,
    accounts.last_seen_at,
    scores.observed_value as points,
    scores.threshold as points_needed
from accounts
left join scores on accounts.account_id = scores.account_id
order by
    coalesce(scores.progress, 0) desc,
    accounts.next_criterion_progress desc,
    accounts.last_seen_at desc,
    accounts.account_id asc
limit 50
