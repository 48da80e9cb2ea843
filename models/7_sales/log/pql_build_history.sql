-- depends_on: {{ ref('pql_warehouse', 'fct_pql_events') }}
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='append_new_columns', full_refresh=false
) }}

-- written after the log of events, so that a build that failed before the log, or left it out, does not count
with as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

final as (
    select
        {{ log_moment('built_at') }} as built_at,
        as_of.as_of,
        '{{ pql_rules_version() }}' as rules_version
    from as_of
    where
        as_of.as_of is not null
        and {{ 'false' if leaves_out('fct_pql_events') else 'true' }}
)

select * from final
