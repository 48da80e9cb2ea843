{#
    Written last: what it says is built is built. The models named here are those that keep rows from build to build.
-#}
-- depends_on: {{ ref('fct_criterion_episodes') }}, {{ ref('pql_account_criteria') }}, {{ ref('fct_account_usage_daily') }}
-- depends_on: {{ ref('int_events_unattributed') }}, {{ ref('int_account_schedule') }}, {{ ref('int_detailed_events') }}

with batches as (
    select * from {{ ref('int_event_batches') }}
),

attribution as (
    select * from {{ ref('int_attribution_inputs') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

settings as (
    {%- for name, version in settings_now().items() %}
    select {{ text_literal(name) }} as name, {{ text_literal(version) }} as version
    union all
    {%- endfor %}
    select 'as_of' as name, cast(as_of as {{ dbt.type_string() }}) as version
    from as_of
),

final as (
    select 'setting' as kind, name, version from settings
    union all
    select case when batch_file is null then 'day' else 'file' end as kind, batch_id as name, version from batches
    where version is not null
    union all
    select kind, name, version from attribution
    where version is not null
)

select * from final
