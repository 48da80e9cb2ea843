{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false
) }}

with counted as (
    select * from {{ ref('pql_warehouse', 'pql_criterion_precision') }}
    where outcomes_as_of is not null
),

{% if is_incremental() -%}
-- a build that finds what was found before makes no new check
known as (
    select distinct criterion_name, kind, as_of, rules_version, horizon_days, mature, hits
    from {{ this }}
),
{%- endif %}

final as (
    select
        {{ log_moment('checked_at') }} as checked_at,
        'build' as made_by,
        counted.outcomes_as_of as as_of,
        '{{ pql_rules_version() }}' as rules_version,
        counted.criterion_name,
        counted.kind,
        counted.horizon_days,
        counted.mature,
        counted.hit as hits,
        counted.precision_rate,
        counted.matched_base_rate,
        counted.matched_base_rate_then,
        counted.compared_then,
        counted.compared_hits_then
    from counted
    {%- if is_incremental() %}
    left join known
        on counted.criterion_name = known.criterion_name
        and counted.kind = known.kind
        and counted.outcomes_as_of = known.as_of
        and '{{ pql_rules_version() }}' = known.rules_version
        and coalesce(counted.horizon_days, 0) = coalesce(known.horizon_days, 0)
        and counted.mature = known.mature
        and counted.hit = known.hits
    where known.criterion_name is null
    {%- endif %}
)

select * from final
