{{ configured(materialized=rewritable(), incremental_strategy='rewrite_all') }}

{%- set settings = built_settings() %}
{%- set built = stored('manifest_inputs') if settings else none %}
{%- set before = last_rows() %}

with periods as (
    select * from {{ ref('pql_warehouse', 'int_user_account_periods') }}
),

users as (
    select * from {{ ref('pql_warehouse', 'int_users') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

successors as (
    select * from {{ ref('pql_warehouse', 'int_successors') }}
),

-- which accounts a user belonged to when, and whether by the domain of its address its events are ignored; in which
-- time zone an account has its days
places as (
    select
        'user' as kind,
        periods.user_id as name,
        concat(
            cast(count(*) as {{ dbt.type_string() }}), ' ',
            {{ sum_of_hashes(['periods.account_id', 'periods.valid_from', 'periods.valid_to']) }}
            {%- if ignored_email_domains() %},
            coalesce(max(case when users.email_domain in ({{ text_literals(ignored_email_domains()) }})
                then concat(' ', users.email_domain) end), '')
            {%- endif %}
        ) as version
    from periods
    {%- if ignored_email_domains() %}
    left join users on periods.user_id = users.user_id
    {%- endif %}
    group by periods.user_id
    union all
    select
        'account' as kind,
        account_id as name,
        local_time_zone as version
    from accounts
),

{% if kinds_succeeded() -%}
-- which ids stand for which
successions as (
    select kind, name, {{ sum_of_hashes(['id', 'successor_id']) }} as version
    from (
        select kind, id as name, id, successor_id from successors
        union all
        select kind, successor_id as name, id, successor_id from successors
    ) as named
    group by kind, name
),

inputs as (
    select
        coalesce(places.kind, successions.kind) as kind,
        coalesce(places.name, successions.name) as name,
        case
            when successions.name is null then places.version
            else {{ row_text(['places.version', 'successions.version']) }}
        end as version
    from places
    full outer join successions
        on places.kind = successions.kind
        and places.name = successions.name
),
{%- else -%}
inputs as (
    select kind, name, version from places
),
{%- endif %}

{% if built and before -%}
last_built as (
    select * from {{ built }}
    where kind in ('user', 'account')
),

-- what a build that was stopped may have moved, though it be by now as it was
stopped as (
    select * from {{ before }}
    where is_changed and compared_in_build > {{ settings.build }}
),

built as (
    select
        coalesce(last_built.kind, stopped.kind) as kind,
        coalesce(last_built.name, stopped.name) as name,
        case when stopped.name is null then last_built.version else 'stopped' end as version
    from last_built
    full outer join stopped
        on last_built.kind = stopped.kind
        and last_built.name = stopped.name
),
{%- else -%}
built as (
    select kind, name, version from inputs
    where false
),
{%- endif %}

final as (
    select
        coalesce(inputs.kind, built.kind) as kind,
        coalesce(inputs.name, built.name) as name,
        inputs.version,
        coalesce(inputs.version <> built.version, true) as is_changed,
        {{ build_number() }} as compared_in_build
    from inputs
    full outer join built
        on inputs.kind = built.kind
        and inputs.name = built.name
)

select * from final
