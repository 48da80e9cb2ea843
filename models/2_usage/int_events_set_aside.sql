{{ configured(materialized=rewritable(), incremental_strategy='rewrite_events') }}

{%- set kept = last_rows() %}
{%- set read_by_rules = columns_of_ignored_event_rules() %}
{%- set columns = ['event_id', 'event_source', 'occurred_at'] + read_by_rules %}

with accepted as (
    select {{ accepted_id() }} as {{ columns | join(', ') }}, user_id, account_id
    from {{ ref('pql_warehouse', 'stg_product__events') }}
),

affected as (
    select * from {{ ref('pql_warehouse', 'int_affected_events') }}
    where reason is null
),

events as (
    select {{ columns | join(', ') }}, user_id, account_id
    from {{ 'affected' if kept else 'accepted' }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

resolved as (
    {{ resolved_events('events', columns) | indent(4) }}
),

final as (
    select
        resolved.event_id,
        resolved.event_source,
        resolved.ignored_by,
        {{ counts_as_use('resolved.event_source', 'resolved.event_name') if read_by_rules else 'true' }} as is_use
    from resolved
    left join accounts on resolved.account_id = accounts.account_id
    where
        accounts.account_id is null
        or resolved.ignored_by is not null
)

select * from final
