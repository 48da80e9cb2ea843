-- one row per account that use can still make a lead, the nearest to the definition on top
{%- set primary = pql_config().definitions[0] %}
with accounts as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
    where next_criterion_progress > 0
),

scores as (
    select account_id, observed_value, threshold
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
    accounts.next_step_makes_lead,
    accounts.steps_to_lead,
    accounts.last_seen_at,
    scores.observed_value as points,
    scores.threshold as points_needed
from accounts
left join scores on accounts.account_id = scores.account_id
order by
    accounts.distance_to_lead asc,
    accounts.last_seen_at desc,
    accounts.account_id asc
limit 50
