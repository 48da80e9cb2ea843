{{ config(
    materialized=rewritable(),
    incremental_strategy='rewrite_deliveries',
    **physical_design('received_at')
) }}

{%- set kept = last_rows() %}
{%- set batches = ref('pql_warehouse', 'int_event_batches') %}
{%- set inlined = '' if kept else not_materialized() %}
{%- set is_bounded = kept and duplicates_within_days() %}
{%- set columns = [
    'event_source', 'batch_id', 'event_id', 'event_key', 'occurred_at', 'occurred_at_text', 'event_name', 'user_id',
    'account_id', 'anonymous_id', 'received_at', 'properties', 'invalid_properties', 'event_count_text',
    'event_count', 'placeholder_id', 'rejection_reason',
] %}

with deliveries as {{ inlined }} (
    select {{ columns | join(', ') }}{{ ', false as is_only_compared_with' if is_bounded }}
    from {{ ref('pql_warehouse', 'base_product__events') }}
    {% if kept %}where {{ in_changed_batches(batches) }}{% endif %}
),

{% if kept -%}
{{ judged_before(kept, columns, batches) }},
{%- endif %}

to_judge as {{ inlined }} (
    select * from deliveries
    {% if kept -%}
    union all
    select * from judged_before
    {%- endif %}
),

{{ verdict_ctes('to_judge', columns + (['is_only_compared_with'] if is_bounded else [])) }},

judged as (
    select {{ columns | join(', ') }}, reason from verdicts
    {%- if is_bounded %}
    where not is_only_compared_with
    {%- endif %}
    {% if kept -%}
    union all
    select * from withdrawn
    {%- endif %}
),

final as (
    select *, {{ build_number() }} as judged_in_build
    from judged
)

select * from final
