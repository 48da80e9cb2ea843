{{ config(materialized=rewritable(), incremental_strategy='rewrite_events') }}

{%- set kept = kept() %}

with accepted as (
    select * from {{ ref('pql_warehouse', 'stg_product__events') }}
),

touched as (
    select * from {{ ref('pql_warehouse', 'int_touched_events') }}
    where reason is null
),

events as (
    select event_id, event_source, occurred_at, user_id, account_id
    from {{ 'touched' if kept else 'accepted' }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

resolved as (
    {{ resolved_events('events', ['event_id', 'event_source', 'occurred_at']) | indent(4) }}
),

final as (
    select resolved.event_id, resolved.event_source
    from resolved
    left join accounts on resolved.account_id = accounts.account_id
    where accounts.account_id is null
)

select * from final
