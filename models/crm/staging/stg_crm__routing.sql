{{ config(materialized='view') }}
-- depends_on: {{ ref('crm_routing') }}
{%- set found = seed_input(ref('crm_routing')) %}

with source as (
    {{ raw_input('crm_routing', found) | indent(4) }}
),

final as (
    select
        priority,
        tier,
        criterion,
        queue,
        suggested_owner
    from source
    where
        priority is not null
        and queue is not null
)

select * from final
