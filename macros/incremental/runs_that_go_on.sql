{#
    A build measures an account anew from the day before which nothing has changed, and a little earlier: from there on
    a run that its grace had kept open is found again. What had come together by then counts on that first day.
#}
{% macro measured_on(day, changes_from, lapse_after_days) -%}
case
    when {{ add_days(day, lapse_after_days ~ ' + 1') }} < {{ changes_from }} then {{ add_days(changes_from, '-(' ~ lapse_after_days ~ ' + 1)') }}
    else {{ day }}
end
{%- endmacro %}

{#
    Runs of which the last build knows the beginning begin when they did, and those that were over before anything
    changed stay, as the CTEs continued and finished. Expects `runs`, measured anew.
#}
{% macro runs_that_go_on(kept, runs, accounts) -%}
begun_before as (
    select
        kept.criterion_name,
        kept.account_id,
        kept.starts_on,
        kept.ends_on,
        kept.needed_on_first_day,
        least(coalesce(kept.ends_on, accounts.changes_from), accounts.changes_from) as known_until
    from {{ kept }} as kept
    inner join {{ accounts }} as accounts
        on kept.account_id = accounts.account_id
        and kept.starts_on < accounts.changes_from
),

continued as (
    select
        runs.criterion_name,
        runs.account_id,
        coalesce(begun_before.starts_on, runs.starts_on) as starts_on,
        runs.ends_on,
        case when begun_before.starts_on is null then runs.needed_on_first_day else begun_before.needed_on_first_day end as needed_on_first_day
    from {{ runs }} as runs
    left join begun_before
        on runs.criterion_name = begun_before.criterion_name
        and runs.account_id = begun_before.account_id
        and runs.starts_on >= begun_before.starts_on
        and runs.starts_on < begun_before.known_until
),

finished as (
    select
        begun_before.criterion_name,
        begun_before.account_id,
        begun_before.starts_on,
        begun_before.ends_on,
        begun_before.needed_on_first_day
    from begun_before
    left join continued
        on begun_before.criterion_name = continued.criterion_name
        and begun_before.account_id = continued.account_id
        and begun_before.starts_on = continued.starts_on
    where continued.account_id is null
)
{%- endmacro %}
