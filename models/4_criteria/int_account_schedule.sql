{{ config(materialized=rewritable(), incremental_strategy='rewrite_accounts') }}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts_to_evaluate') }}
),

spans as (
    select * from {{ ref('pql_warehouse', 'int_criterion_spans') }}
),

runs as (
    select * from {{ ref('pql_warehouse', 'int_criterion_runs') }}
),

intervals as (
    select * from {{ ref('pql_warehouse', 'int_criterion_intervals') }}
),

attributes as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
),

-- days and moments that are known now and on which something may change by itself
turns as (
    {{ turns({
        'spans': [['starts_on', none], ['ends_on', none]],
        'runs': [['ends_on', none]],
        'intervals': [['started_on', 'started_at'], ['ended_on', 'ended_at']],
        'accounts': [[none, 'signed_up_at']],
        'attributes': [[none, 'valid_from'], [none, 'valid_to']],
    }) | indent(4) }}
),

days as (
    select
        accounts.account_id,
        case when turns.turns_on > accounts.as_of_on then turns.turns_on end as turns_on
    from accounts
    inner join turns on accounts.account_id = turns.account_id
    union all
    -- a UTC date is at most a day off the local one
    select
        accounts.account_id,
        greatest(accounts.as_of_on, {{ add_days('cast(turns.turns_at as date)', -1) }}) as turns_on
    from accounts
    inner join turns on accounts.account_id = turns.account_id
    where turns.turns_at > accounts.as_of and turns.turns_at < {{ end_of_time() }}
    union all
    -- measures fade day by day for as long as the longest window reaches
    select account_id, {{ add_days('as_of_on', 1) }} as turns_on
    from accounts
    where as_of_on < {{ add_days(local_date('last_seen_at', 'local_time_zone'), longest_reach()) }}
),

final as (
    select account_id, min(turns_on) as next_change_on
    from days
    where turns_on is not null
    group by account_id
)

select * from final
