{%- set settings = built_settings() %}
{%- set built = stored('manifest_inputs') if settings else none %}

with files as (
    {{ event_files() | indent(4) }}
),

{% if events_are_in_tables() -%}
events_of_tables as (
    select * from {{ ref('pql_warehouse', 'base_product__events') }}
    where
        batch_file is null
        and {{ lies_in_look_back('received_at') if built else 'true' }}
),
{%- endif %}

-- a file changes with its size or its time, a day of a table with the rows that were received on it
batches as (
    select batch_id, batch_file, version from files
    {%- if events_are_in_tables() %}
    union all
    select batch_id, cast(null as {{ dbt.type_string() }}) as batch_file, {{ rows_version() }} as version
    from events_of_tables
    group by batch_id
    {%- endif %}
),

{% if built -%}
-- read by a build that was stopped: the file may have gone since, or be as it was before
stopped as (
    select distinct batch_id from {{ stored('stg_product__events_judged') }}
    where judged_in_build > {{ settings.build }}
),
{%- endif %}

built as (
    {% if built -%}
    select
        name as batch_id,
        version,
        {{ lies_before_look_back('kind', 'name') }} as is_taken_as_is
    from {{ built }}
    where
        kind in ('file', 'day')
        and name not in (select stopped.batch_id from stopped)
    union all
    select batch_id, 'stopped' as version, false as is_taken_as_is from stopped
    {%- else -%}
    select batch_id, version, false as is_taken_as_is from batches
    where false
    {%- endif %}
),

final as (
    select
        coalesce(batches.batch_id, built.batch_id) as batch_id,
        batches.batch_file,
        coalesce(batches.version, case when built.is_taken_as_is then built.version end) as version,
        coalesce(batches.version <> built.version, not built.is_taken_as_is, true) as is_changed
    from batches
    full outer join built on batches.batch_id = built.batch_id
)

select * from final
