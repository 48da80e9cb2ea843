{{ configured(materialized=rewritable(), incremental_strategy='rewrite_batches') }}

{%- set batches = ref('pql_warehouse', 'int_event_batches') %}

with judged as (
    select * from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
    where {{ 'batch_id in (' ~ judged_batches(batches) ~ ')' if last_rows() else 'true' }}
),

final as (
    select
        batch_id,
        event_source,
        cast(occurred_at as date) as utc_date,
        sum(case when coalesce(reason, 'accepted') <> 'withdrawn' then 1 else 0 end) as raw,
        sum(case when reason is null then 1 else 0 end) as accepted,
        sum(case when reason in ('duplicate', 'conflicting_duplicate') then 1 else 0 end) as duplicates,
        sum(case when reason = 'conflicting_duplicate' then 1 else 0 end) as conflicting_duplicates,
        sum(case when reason <> 'withdrawn' and rejection_reason is not null then 1 else 0 end) as rejected,
        {%- for reason in rejection_reasons() %}
        sum(case when reason = '{{ reason }}' then 1 else 0 end) as rejected_{{ reason }},
        {%- endfor %}
        sum(
            case when reason is null and not {{ counts_as_use('event_source', 'event_name') }} then 1 else 0 end
        ) as uncounted,
        sum(case when reason is null and invalid_properties is not null then 1 else 0 end) as invalid_properties,
        sum(case when reason is null and placeholder_id is not null then 1 else 0 end) as placeholder_ids,
        sum(case when {{ was_ever_accepted() }} then 1 else 0 end) as ever_accepted,
        max(case when reason is null then occurred_at end) as last_occurred_at,
        max(case when reason is null then received_at end) as last_received_at
    from judged
    group by batch_id, event_source, cast(occurred_at as date)
)

select * from final
