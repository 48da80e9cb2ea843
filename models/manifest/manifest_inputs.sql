{#
    Written last: what it says is built is built. The models named here are those that keep rows from build to build. A
    run of a part of them leaves it as it is, like a build that was stopped.
-#}
{{ config(materialized=rewritable(), incremental_strategy='rewrite_all') }}
-- depends_on: {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
-- depends_on: {{ ref('pql_warehouse', 'pql_account_criteria') }}
-- depends_on: {{ ref('pql_warehouse', 'fct_account_usage_daily') }}
-- depends_on: {{ ref('pql_warehouse', 'int_events_set_aside') }}
-- depends_on: {{ ref('pql_warehouse', 'int_account_schedule') }}
-- depends_on: {{ ref('pql_warehouse', 'int_detailed_events') }}

with batches as (
    select * from {{ ref('pql_warehouse', 'int_event_batches') }}
),

attribution as (
    select * from {{ ref('pql_warehouse', 'int_attribution_inputs') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

settings as (
    {%- for name, version in settings_now().items() %}
    select {{ text_literal(name) }} as name, {{ text_literal(version) }} as version
    union all
    {%- endfor %}
    select 'as_of' as name, cast(as_of.as_of as {{ dbt.type_string() }}) as version
    from as_of
),

final as (
    {% if builds_a_part_of('manifest_inputs') -%}
    {{ rows_of_last_build('manifest_inputs', ['kind', 'name', 'version']) }}
    {%- else -%}
    select 'setting' as kind, name, version from settings
    union all
    select case when batch_file is null then 'day' else 'file' end as kind, batch_id as name, version from batches
    where version is not null
    union all
    select kind, name, version from attribution
    where version is not null
    {%- endif %}
)

select * from final
