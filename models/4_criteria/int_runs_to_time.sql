{%- set intervals = stored('int_criterion_intervals') if built_settings() else none %}
{%- set additive = pql_criteria('behaviour') | selectattr('is_additive') | map(attribute='name') | list %}

with runs as (
    select * from {{ ref('pql_warehouse', 'int_criterion_runs') }}
    where
        needed_on_first_day > 0
        and criterion_name in ({{ text_literals(additive or ['']) }})
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts_to_evaluate') }}
),

final as (
    select distinct runs.account_id, runs.starts_on
    from runs
    inner join accounts on runs.account_id = accounts.account_id
    {% if intervals -%}
    left join {{ intervals }} as begun_before
        on runs.criterion_name = begun_before.criterion_name
        and runs.account_id = begun_before.account_id
        and runs.starts_on = begun_before.run_starts_on
        and begun_before.started_at is not null
    where
        runs.starts_on >= accounts.changes_from
        or begun_before.account_id is null
    {%- endif %}
)

select * from final
