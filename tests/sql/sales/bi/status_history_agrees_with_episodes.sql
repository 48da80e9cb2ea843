-- a day at whose end the history says otherwise than the episodes, or an account whose last row is not how it stands
with history as (
    select * from {{ ref('pql_warehouse', 'fct_pql_status_daily') }}
),

episodes as (
    select * from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where definition_name = {{ text_literal(pql_config().definitions[0].name) }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

held as (
    select history.account_id, history.status_on, history.is_pql, count(episodes.account_id) as open_episodes
    from history
    left join episodes
        on history.account_id = episodes.account_id
        and cast(episodes.qualified_at as date) <= history.status_on
        and (episodes.ended_at is null or cast(episodes.ended_at as date) > history.status_on)
    group by history.account_id, history.status_on, history.is_pql
)

select account_id from held
where is_pql <> (open_episodes = 1)
union all
select accounts.account_id
from accounts
left join history on accounts.account_id = history.account_id and history.until_on is null
where
    coalesce(history.pql_status, accounts.pql_status) <> accounts.pql_status
    or coalesce(history.is_pql, false) <> accounts.is_pql
