-- An episode that ends before it starts, meets the next one, lies after the as-of, or breaks the numbering.
with episodes as (
    select criterion_name as name, account_id, episode_number, started_at, ended_at
    from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
    union all
    select definition_name as name, account_id, episode_number, qualified_at as started_at, ended_at
    from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
),

ordered as (
    select
        *,
        row_number() over (partition by name, account_id order by started_at) as place,
        lead(started_at) over (partition by name, account_id order by started_at) as next_started_at
    from episodes
)

select ordered.*
from ordered
cross join {{ ref('pql_warehouse', 'int_as_of') }} as as_of
where
    ordered.episode_number <> ordered.place
    or ordered.started_at > as_of.as_of
    or ordered.ended_at > as_of.as_of
    or ordered.ended_at <= ordered.started_at
    or ordered.next_started_at <= ordered.ended_at
    or (ordered.ended_at is null and ordered.next_started_at is not null)
