{%- set columns = ['raw', 'accepted', 'duplicates', 'conflicting_duplicates', 'rejected'] %}
{%- for reason in rejection_reasons() %}{% do columns.append('rejected_' ~ reason) %}{% endfor %}
{%- do columns.extend(['invalid_properties', 'placeholder_ids']) %}

with counts as (
    select * from {{ ref('pql_warehouse', 'int_event_counts') }}
),

set_aside_events as (
    select * from {{ ref('pql_warehouse', 'int_events_set_aside') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

counted as (
    select
        {%- for column in columns + ['uncounted'] %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        event_source
    from counts
    group by event_source
),

-- a source that delivered nothing is listed with zeros
sources as (
    select event_source from counted
    union distinct
    {{ event_source_names() | indent(4) }}
),

set_aside as (
    select
        event_source,
        sum(case when ignored_by is null then 1 else 0 end) as unattributed,
        sum(case when ignored_by is null then 0 else 1 end) as ignored,
        sum(case when ignored_by is not null and not is_use then 1 else 0 end) as ignored_calls
    from set_aside_events
    group by event_source
),

unknown_zones as (
    select sum(case when is_time_zone_unknown then 1 else 0 end) as accounts_with_unknown_time_zone
    from accounts
),

final as (
    select
        sources.event_source,
        {%- for column in columns %}
        cast(coalesce(counted.{{ column }}, 0) as bigint) as {{ column }},
        {%- endfor %}
        cast(coalesce(counted.uncounted, 0) - coalesce(set_aside.ignored_calls, 0) as bigint) as uncounted,
        cast(coalesce(set_aside.ignored, 0) as bigint) as ignored,
        cast(coalesce(set_aside.unattributed, 0) as bigint) as unattributed,
        cast(coalesce(unknown_zones.accounts_with_unknown_time_zone, 0) as bigint) as accounts_with_unknown_time_zone
    from sources
    cross join unknown_zones
    left join counted on sources.event_source = counted.event_source
    left join set_aside on sources.event_source = set_aside.event_source
)

select * from final
