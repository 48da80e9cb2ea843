{{ config(materialized=rewritable(), incremental_strategy='rewrite_all') }}

{%- set settings = built_settings() %}
{%- set before = last_rows() %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

touched_days as (
    select * from {{ ref('pql_warehouse', 'int_affected_days') }}
),

{% if settings -%}
changes as (
    select account_id, local_date as changes_from from touched_days
    {%- if before %}
    union all
    -- what a build that was stopped has computed again
    select account_id, changes_from from {{ before }}
    where changed_in_build > {{ settings.build }}
    {%- endif %}
    union all
    -- the rows of an account go on for 28 days after its last event
    select
        account_id,
        case
            when as_of < {{ moment_literal(settings.as_of) }} then {{ first_date() }}
            else {{ add_days(built_on(settings, 'local_time_zone'), 1) }}
        end as changes_from
    from accounts
    where
        as_of < {{ moment_literal(settings.as_of) }}
        or (
            as_of_on > {{ built_on(settings, 'local_time_zone') }}
            and {{ add_days(local_date('last_seen_at', 'local_time_zone'), 29) }} > {{ built_on(settings, 'local_time_zone') }}
        )
),
{%- else -%}
changes as (
    select account_id, {{ first_date() }} as changes_from from accounts
),
{%- endif %}

final as (
    select account_id, min(changes_from) as changes_from, {{ build_number() }} as changed_in_build
    from changes
    group by account_id
)

select * from final
