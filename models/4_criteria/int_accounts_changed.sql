{{ config(materialized=rewritable(), incremental_strategy='rewrite_all') }}

{%- set settings = built_settings() %}
{%- set built, schedule = stored('manifest_accounts'), stored('int_account_schedule') %}
{%- set before = last_rows() %}

with versions as (
    select * from {{ ref('pql_warehouse', 'int_account_versions') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

touched_days as (
    select * from {{ ref('pql_warehouse', 'int_affected_days') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

{% if settings and built and schedule -%}
changes as (
    -- an account that is new does nothing that counts before it signs up; an attribute by which no behaviour is measured
    -- changes nothing about the days before
    select
        coalesce(versions.account_id, built.account_id) as account_id,
        case
            when built.account_id is null then coalesce(accounts.signed_up_on, accounts.as_of_on)
            when as_of.as_of < {{ moment_literal(settings.as_of) }} then {{ first_date() }}
            when {{ dbt.position('versions.behaviour_version', 'built.version') }} = 1 then accounts.as_of_on
            else {{ first_date() }}
        end as changes_from
    from versions
    full outer join {{ built }} as built on versions.account_id = built.account_id
    left join accounts on versions.account_id = accounts.account_id
    cross join as_of
    where
        coalesce(versions.version <> built.version, true)
        or as_of.as_of < {{ moment_literal(settings.as_of) }}
    union all
    select account_id, local_date as changes_from from touched_days
    {%- if before %}
    union all
    -- what a build that was stopped has evaluated
    select account_id, changes_from from {{ before }}
    where changed_in_build > {{ settings.build }}
    {%- endif %}
    union all
    -- what changes by itself does so after the last build's day
    select accounts.account_id, {{ add_days(built_on(settings, 'accounts.local_time_zone'), 1) }} as changes_from
    from accounts
    inner join {{ schedule }} as schedule on accounts.account_id = schedule.account_id
    where
        schedule.next_change_on <= accounts.as_of_on
        and accounts.as_of > {{ moment_literal(settings.as_of) }}
),
{%- else -%}
changes as (
    select account_id, {{ first_date() }} as changes_from from versions
),
{%- endif %}

-- what lies after the as-of is not judged yet, but the day of the as-of is judged anew
final as (
    select
        changes.account_id,
        min(
            case when changes.changes_from > accounts.as_of_on then accounts.as_of_on else changes.changes_from end
        ) as changes_from,
        {{ build_number() }} as changed_in_build
    from changes
    left join accounts on changes.account_id = accounts.account_id
    group by changes.account_id
)

select * from final
