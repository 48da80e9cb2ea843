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
        checks.compared_hits_then as compared_hits_before,
        newest.compared_hits_then - checks.compared_hits_then as compared_hits_since,
        checks.compared_then * checks.matched_base_rate_then as expected_before,
        newest.compared_then * newest.matched_base_rate_then - checks.compared_then * checks.matched_base_rate_then
            as expected_since,
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

-- of the hits that were compared with accounts of the same time, as many since as those let expect
shared as (
    select
        *,
        case
            when expected_before > 0 and expected_since > 0 and compared_hits_before + compared_hits_since > 0
                then cast(expected_since as {{ type_double() }}) / (expected_before + expected_since)
        end as share_since
    from compared
    where recency = 1
),

-- Standard errors that one look in 5,200 exceeds by chance: of a year of weekly looks, fewer than one in a hundred. What
-- is expected is estimated as well, from accounts that hit no less often than those that are found: twice the variance.
final as (
    select
        criterion_name,
        kind,
        as_of_before,
        hits_before,
        mature_before,
        as_of,
        hits_since,
        mature_since,
        case when share_since is not null then expected_before end as expected_before,
        case when share_since is not null then expected_since end as expected_since,
        (compared_hits_before + compared_hits_since) * share_since - compared_hits_since
        > {{ standard_errors_of_a_year() }} * sqrt(
            2 * (compared_hits_before + compared_hits_since) * share_since * (1 - share_since)
        ) as is_beyond_market
    from shared
    where
        cast(hits_before as {{ type_double() }}) / mature_before - cast(hits_since as {{ type_double() }}) / mature_since
        > {{ standard_errors_of_a_year() }} * sqrt(
            cast(hits_before + hits_since as {{ type_double() }}) / (mature_before + mature_since)
            * (1 - cast(hits_before + hits_since as {{ type_double() }}) / (mature_before + mature_since))
            * (cast(1 as {{ type_double() }}) / mature_before + cast(1 as {{ type_double() }}) / mature_since)
        )
)

select * from final
