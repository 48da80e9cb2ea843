{{ configured(materialized=rewritable(), incremental_strategy='rewrite_accounts') }}

{%- set kept = last_rows() %}

with spans as (
    select * from {{ ref('pql_warehouse', 'int_criterion_spans') }}
),

rules as (
    {{ behaviour_rules() | indent(4) }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts_to_evaluate') }}
),

changes as (
    -- a span without a moment counts as its day begins, and adds nothing in the course of it
    select
        criterion_name,
        account_id,
        starts_on as changed_on,
        case when started_at is null then 0 else amount end as added,
        amount as change,
        base as base_change
    from spans
    union all
    select criterion_name, account_id, ends_on as changed_on, 0 as added, -amount as change, -base as base_change
    from spans
    where ends_on is not null
),

measured_changes as (
    select
        changes.criterion_name,
        changes.account_id,
        {{ measured_on('changes.changed_on', 'accounts.changes_from', 'rules.lapse_after_days') | indent(8) }} as changed_on,
        changes.added,
        changes.change,
        changes.base_change,
        accounts.as_of_on
    from changes
    inner join accounts on changes.account_id = accounts.account_id
    inner join rules on changes.criterion_name = rules.criterion_name
),

daily_changes as (
    select
        criterion_name,
        account_id,
        changed_on,
        sum(added) as added,
        sum(change) as change,
        sum(base_change) as base_change
    from measured_changes
    where changed_on <= as_of_on
    group by criterion_name, account_id, changed_on
),

-- the measure at the end of `changed_on` and of every day until `next_changed_on`
totals as (
    select
        criterion_name,
        account_id,
        changed_on,
        added,
        sum(change) over (
            partition by criterion_name, account_id order by changed_on rows unbounded preceding
        ) as total,
        sum(base_change) over (
            partition by criterion_name, account_id order by changed_on rows unbounded preceding
        ) as base,
        lead(changed_on) over (partition by criterion_name, account_id order by changed_on) as next_changed_on
    from daily_changes
),

held as (
    select
        totals.*,
        rules.lapse_after_days,
        case when rules.min_base is null then rules.reach else rules.reach * totals.base end as needed,
        lag(totals.next_changed_on) over (
            partition by totals.criterion_name, totals.account_id order by totals.changed_on
        ) as last_held_until
    from totals
    inner join rules on totals.criterion_name = rules.criterion_name
    where
        (rules.min_base is null and totals.total >= rules.reach)
        or (totals.base >= rules.min_base and totals.total >= rules.reach * totals.base)
),

numbered as (
    select
        *,
        sum(case when changed_on < {{ add_days('last_held_until', 'lapse_after_days') }} then 0 else 1 end) over (
            partition by criterion_name, account_id order by changed_on rows unbounded preceding
        ) as run_number
    from held
),

ranked as (
    select
        *,
        row_number() over (partition by criterion_name, account_id, run_number order by changed_on) as day_rank
    from numbered
),

-- what the measure still needed when the first day of the run began; nothing, where it held from its first moment
runs as (
    select
        criterion_name,
        account_id,
        min(changed_on) as starts_on,
        case
            when count(next_changed_on) = count(*) then {{ add_days('max(next_changed_on)', 'max(lapse_after_days)') }}
        end as ends_on,
        cast(max(case when day_rank = 1 then needed - (total - added) end) as {{ type_measure() }}) as needed_on_first_day
    from ranked
    group by criterion_name, account_id, run_number
),

{% if kept -%}
{{ runs_that_go_on(kept, 'runs', 'accounts') }},
{%- endif %}

final as (
    {% if kept -%}
    select * from continued
    union all
    select * from finished
    {%- else -%}
    select * from runs
    {%- endif %}
)

select * from final
