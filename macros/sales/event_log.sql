{# The parts of fct_pql_events, the log of what became known about PQLs. #}

{#
    The build that last completed the log: (as_of, rules_version), no row before the first. The history is read by
    name because it is written after the log, which `ref` would call a cycle; a build that died in between is known
    by the entries it left in the log.
#}
{% macro last_logged_build(log) -%}
{%- if execute and is_incremental() -%}
{%- set history = stored('pql_build_history') -%}
select as_of, rules_version
from (
    select as_of, rules_version, row_number() over (order by built_at desc) as recency_rank
    from (
        select logged_at as built_at, detected_at as as_of, rules_version from {{ log }}
        {%- if history %}
        union all
        select built_at, as_of, rules_version from {{ history }}
        {%- endif %}
    ) as builds
) as ranked
where recency_rank = 1
{%- else -%}
select cast(null as {{ dbt.type_timestamp() }}) as as_of, cast(null as {{ dbt.type_string() }}) as rules_version
{{ no_rows() }}
{%- endif -%}
{%- endmacro %}

{# What the log says of each account so far: its last entry, and what sales was last told. #}
{% macro logged_accounts(log) -%}
{%- if is_incremental() -%}
select
    last_entry.pql_account_id as account_id,
    last_entry.event_seq,
    last_entry.event_at,
    last_entry.is_start,
    told.cooldown_until,
    told.qualified_at as told_qualified_at
from (
    select *, row_number() over (partition by pql_account_id order by event_seq desc) as recency_rank from {{ log }}
) as last_entry
left join (
    select *, row_number() over (partition by pql_account_id order by event_seq desc) as recency_rank from {{ log }}
    where silent_because in ('', 'holdout')
) as told on last_entry.pql_account_id = told.pql_account_id and told.recency_rank = 1
where last_entry.recency_rank = 1
{%- else -%}
select
    cast(null as {{ dbt.type_string() }}) as account_id,
    0 as event_seq,
    cast(null as {{ dbt.type_timestamp() }}) as event_at,
    false as is_start,
    cast(null as date) as cooldown_until,
    cast(null as {{ dbt.type_timestamp() }}) as told_qualified_at
{{ no_rows() }}
{%- endif -%}
{%- endmacro %}

{# The starts and ends of a definition's episodes: one row per transition. #}
{% macro pql_transitions(episodes, definition) -%}
{%- for moment, is_start in [('qualified_at', 'true'), ('ended_at', 'false')] -%}
select
    account_id,
    {{ "case when episode_number = 1 then 'qualified' else 'requalified' end" if loop.first else 'end_reason' }} as event_type,
    {{ moment }} as event_at,
    {{ is_start }} as is_start,
    qualified_at,
    tier,
    score,
    criteria_met
from {{ episodes }}
where definition_name = {{ text_literal(definition) }}
    and {{ moment }} is not null
{{ 'union all' if loop.first }}
{% endfor %}
{%- endmacro %}

{# The first part of the primary definition, in its order, that a list of criteria holds. #}
{% macro leading_criterion(config, list) -%}
{%- set by_name = criteria_by_name(config) -%}
case
    {%- for name in wanted_leaves(config.definitions[0].qualifies_when, by_name) %}
    when {{ list_holds(list, text_literal(name)) }} then {{ text_literal(name) }}
    {%- endfor %}
    else 'none'
end
{%- endmacro %}

{# Whether an account is in the share that is never contacted: a fixed draw from its id. #}
{% macro is_held_out(account_id) -%}
{%- set share = crm_setting('pql_holdout_share') -%}
{%- if share -%}
substr({{ dbt.hash("concat('holdout:', " ~ account_id ~ ")") }}, 1, 8) < '{{ '%08x' | format((share * 4294967296) | int) }}'
{%- else -%}
false
{%- endif -%}
{%- endmacro %}

{#
    What the log does not know yet: transitions later than an account's last entry, and, where the past was rewritten or
    the account is gone so that the log's last entry is no longer true, one correction that says what is. Nothing is added by a build as
    of an earlier moment than the log has seen.
#}
{% macro new_log_entries(transitions, logged, accounts, as_of, last_build) -%}
select {{ transitions }}.*, false as is_correction
from {{ transitions }}
cross join {{ as_of }}
left join {{ last_build }} on true
left join {{ logged }} on {{ transitions }}.account_id = {{ logged }}.account_id
where
    ({{ logged }}.account_id is null or {{ transitions }}.event_at > {{ logged }}.event_at)
    and ({{ last_build }}.as_of is null or {{ as_of }}.as_of >= {{ last_build }}.as_of)
union all
select
    {{ logged }}.account_id,
    case
        when {{ accounts }}.account_id is null then 'deleted'
        when {{ accounts }}.pql_status = 'merged' then 'merged'
        when {{ accounts }}.is_pql then 'reinstated'
        else 'withdrawn'
    end as event_type,
    {{ as_of }}.as_of as event_at,
    coalesce({{ accounts }}.is_pql, false) as is_start,
    coalesce(latest.qualified_at, {{ as_of }}.as_of) as qualified_at,
    latest.tier,
    latest.score,
    latest.criteria_met,
    true as is_correction
from {{ logged }}
cross join {{ as_of }}
left join {{ last_build }} on true
left join {{ accounts }} on {{ logged }}.account_id = {{ accounts }}.account_id
left join (
    select *, row_number() over (partition by account_id order by event_at desc) as recency_rank from {{ transitions }}
) as latest on {{ logged }}.account_id = latest.account_id and latest.recency_rank = 1
where
    {{ logged }}.is_start <> coalesce({{ accounts }}.is_pql, false)
    and (latest.event_at is null or latest.event_at <= {{ logged }}.event_at)
    and {{ as_of }}.as_of >= {{ logged }}.event_at
    and ({{ last_build }}.as_of is null or {{ as_of }}.as_of >= {{ last_build }}.as_of)
{%- endmacro %}

{# Why sales hears nothing of an entry; empty where it does. #}
{% macro silent_because() -%}
case
    when not is_start then 'not_a_start'
    when recency_rank > 1 then 'over'
    when is_backfill then 'backfill'
    when told_qualified_at = qualified_at then 'already_told'
    when cast(as_of as date) < cooldown_until then 'cool_down'
    when cast(as_of as date) < suppressed_until then 'sales_feedback'
    when {{ is_held_out('account_id') }} then 'holdout'
    else ''
end
{%- endmacro %}

{#
    The id of an entry: the same whenever the log is made anew. The rules are no part of it, so that a changed rule
    does not announce the same moment twice; corrections carry their number, as one moment may see several.
#}
{% macro pql_event_id(account_id, event_type, event_at, event_seq, is_correction) -%}
{{ dbt.hash("concat(" ~ account_id ~ ", '|', " ~ event_type ~ ", '|', cast(" ~ event_at ~ " as " ~ dbt.type_string() ~ "), "
    ~ "case when " ~ is_correction ~ " then concat('|', cast(" ~ event_seq ~ " as " ~ dbt.type_string() ~ ")) else '' end)") }}
{%- endmacro %}
