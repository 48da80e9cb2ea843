-- A criterion of an account that is met without an open episode, or the other way round, or missing from the ledger.
with open_episodes as (
    select account_id, criterion_name
    from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
    where ended_at is null
),

ledger as (
    select * from {{ ref('pql_warehouse', 'pql_account_criteria') }}
)

select ledger.account_id, ledger.criterion_name
from ledger
left join open_episodes
    on ledger.account_id = open_episodes.account_id
    and ledger.criterion_name = open_episodes.criterion_name
where
    ledger.is_met <> (open_episodes.account_id is not null)
    or (ledger.is_in_grace and not ledger.is_met)
    or ledger.progress < 0
    or ledger.progress > 1
union all
select open_episodes.account_id, open_episodes.criterion_name
from open_episodes
left join ledger
    on open_episodes.account_id = ledger.account_id
    and open_episodes.criterion_name = ledger.criterion_name
where ledger.account_id is null
