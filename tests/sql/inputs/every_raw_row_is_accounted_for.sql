-- A source of events whose raw rows, counted afresh, are not its accepted, duplicate and rejected ones.
with raw_rows as (
    select event_source, count(*) as rows_now
    from {{ ref('pql_warehouse', 'base_product__events') }}
    group by event_source
),

quality as (
    select * from {{ ref('pql_warehouse', 'event_quality') }}
)

select
    raw_rows.event_source,
    raw_rows.rows_now,
    quality.accepted,
    quality.duplicates,
    quality.rejected
from raw_rows
left join quality on raw_rows.event_source = quality.event_source
where
    quality.event_source is null
    or raw_rows.rows_now <> quality.accepted + quality.duplicates + quality.rejected
    or (
        quality.rejected
        <> quality.rejected_missing_event_id
        + quality.rejected_missing_event_name
        + quality.rejected_missing_occurred_at
        + quality.rejected_invalid_event_count
        + quality.rejected_future_occurred_at
    )
