{{ config(materialized='view') }}

with history as (
    select * from {{ ref('pql_warehouse', 'pql_check_history') }}
),

-- of several checks as of one moment the last
checks as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by criterion_name, kind, rules_version, horizon_days, as_of order by checked_at desc
            ) as copy
        from history
    ) as repeated
    where copy = 1
),

newest as (
    select *
    from (
        select *, row_number() over (partition by criterion_name, kind order by as_of desc, checked_at desc) as recency
        from checks
    ) as ranked
    where recency = 1
),

-- the latest check before, after which enough accounts were judged to compare with those judged by then
compared as (
    select
        newest.criterion_name,
        newest.kind,
        newest.as_of,
        checks.as_of as as_of_before,
        checks.hits as hits_before,
        checks.mature as mature_before,
        newest.hits - checks.hits as hits_since,
        newest.mature - checks.mature as mature_since,
        row_number() over (partition by newest.criterion_name, newest.kind order by checks.as_of desc) as recency
    from newest
    inner join checks
        on newest.criterion_name = checks.criterion_name
        and newest.kind = checks.kind
        and newest.rules_version = checks.rules_version
        and coalesce(newest.horizon_days, 0) = coalesce(checks.horizon_days, 0)
        and newest.as_of > checks.as_of
        and newest.hits >= checks.hits
    where
        checks.mature >= 20
        and newest.mature - checks.mature >= 20
),

-- 2.326 standard errors: by chance alone, fewer than one check in a hundred
final as (
    select
        criterion_name,
        kind,
        as_of_before,
        hits_before,
        mature_before,
        as_of,
        hits_since,
        mature_since
    from compared
    where
        recency = 1
        and cast(hits_before as {{ type_double() }}) / mature_before - cast(hits_since as {{ type_double() }}) / mature_since
        > 2.326 * sqrt(
            cast(hits_before + hits_since as {{ type_double() }}) / (mature_before + mature_since)
            * (1 - cast(hits_before + hits_since as {{ type_double() }}) / (mature_before + mature_since))
            * (cast(1 as {{ type_double() }}) / mature_before + cast(1 as {{ type_double() }}) / mature_since)
        )
)

select * from final
