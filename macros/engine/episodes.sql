{#
    Episodes from changes: a running sum of `change` that reaches `reach` starts an episode and one that falls below
    ends it. Changes at one instant net out, so that an episode that starts where the last one ended continues it.
    Expects the CTEs of the names given: changes(criterion_name, account_id, changed_at, change) and
    rules(criterion_name, reach). Gives CTEs up to `{prefix}episodes`.
#}
{% macro episode_ctes(prefix, changes, rules) -%}
{{ prefix }}net_changes as (
    select criterion_name, account_id, changed_at, sum(change) as change
    from {{ changes }}
    group by criterion_name, account_id, changed_at
),
{{ prefix }}totals as (
    select
        criterion_name,
        account_id,
        changed_at,
        sum(change) over (partition by criterion_name, account_id order by changed_at rows unbounded preceding) as total
    from {{ prefix }}net_changes
),
{{ prefix }}states as (
    select
        totals.criterion_name,
        totals.account_id,
        totals.changed_at,
        case when totals.total >= rules.reach then 1 else 0 end as is_met
    from {{ prefix }}totals as totals
    inner join {{ rules }} as rules on totals.criterion_name = rules.criterion_name
),
{{ prefix }}turns as (
    select *
    from (
        select
            *,
            lag(is_met, 1, 0) over (partition by criterion_name, account_id order by changed_at) as was_met
        from {{ prefix }}states
    ) as compared
    where is_met <> was_met
),
{{ prefix }}episodes as (
    select criterion_name, account_id, started_at, ended_at
    from (
        select
            criterion_name,
            account_id,
            is_met,
            changed_at as started_at,
            lead(changed_at) over (partition by criterion_name, account_id order by changed_at) as ended_at
        from {{ prefix }}turns
    ) as turned
    where is_met = 1
)
{%- endmacro %}
