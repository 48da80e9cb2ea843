with runs as (
    select distinct account_id, starts_on
    from {{ ref('int_criterion_runs') }}
    where
        needed_on_first_day > 0
        and criterion_name in (
            {{ text_literals(pql_criteria('behaviour') | selectattr('is_additive') | map(attribute='name') | list or ['']) }}
        )
),

events as (
    select * from {{ ref('int_events_attributed') }}
),

final as (
    select events.*
    from events
    inner join runs
        on events.account_id = runs.account_id
        and events.local_date = runs.starts_on
)

select * from final
