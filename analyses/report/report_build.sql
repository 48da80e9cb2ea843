-- one row: what was built, as of when, and when the newest event of an account came
with build as (
    select * from {{ ref('pql_warehouse', 'pql_build') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

newest as (
    select max(last_seen_at) as newest_event_at from accounts
)

select
    build.*,
    newest.newest_event_at
from build
cross join newest
