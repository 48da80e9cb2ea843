{#
    How one account stood by every criterion at a moment, in words: the measures as the engine takes them, of what had
    happened to this account by then. `tables` are the relations to read, by name of model.
    Columns: criterion_name, position, has_grace, threshold, observed_value, stands, needed, is_part (the primary definition
    rests on it), excludes.
#}
{% macro account_measures(account_id, moment, tables) -%}
{%- set criteria = pql_criteria() -%}
{%- set primary = pql_config().definitions[0] -%}
{%- set parts = criteria_below([primary.qualifies_when] + primary.excluded_when) -%}
{%- set inputs = {
    'usage': 'this_usage', 'events': 'these_details', 'accounts': 'this_account', 'attributes': 'these_attributes',
    'attribute_days': 'these_attribute_days', 'billing_dates': 'these_billing_dates', 'episodes': 'these_episodes',
    'spans': 'these_spans', 'plan_limits': tables.stg_billing__plan_limits, 'goes_on': false,
} -%}
with this_account as (
    select
        account_id, local_time_zone, signed_up_at, signed_up_on,
        {{ moment }} as as_of, {{ local_date(moment, 'local_time_zone') }} as as_of_on
    from {{ tables.int_accounts }}
    where account_id = {{ text_literal(account_id) }}
),
these_events as (
    select * from {{ tables.int_events_attributed }}
    where account_id = {{ text_literal(account_id) }} and occurred_at <= {{ moment }}
),
this_usage as (
    select account_id, user_id, local_date, event_name, sum(event_count) as events, min(occurred_at) as first_event_at
    from these_events
    group by account_id, user_id, local_date, event_name
),
these_details as (
    select
        account_id, user_id, event_name, {{ property_columns(criteria | selectattr('kind', 'equalto', 'behaviour') | list, 'these_events') }}
        local_date, occurred_at, event_count as events
    from these_events
),
these_attributes as (
    select * from {{ tables.int_account_attributes }} where account_id = {{ text_literal(account_id) }}
),
these_attribute_days as (
    select * from {{ tables.int_account_attribute_days }} where account_id = {{ text_literal(account_id) }}
),
these_billing_dates as (
    select * from {{ tables.int_account_billing_dates }} where account_id = {{ text_literal(account_id) }}
),
these_episodes as (
    select account_id, criterion_name, started_at, case when ended_at <= {{ moment }} then ended_at end as ended_at
    from {{ tables.fct_criterion_episodes }}
    where account_id = {{ text_literal(account_id) }} and started_at <= {{ moment }}
),
these_spans as (
    {{ all_spans(criteria | selectattr('kind', 'equalto', 'behaviour') | list, inputs) }}
),
observed as (
    {{ all_observed(criteria, inputs) }}
),
phrases as (
    {{ criterion_phrases(criteria) }}
),
rules as (
    {{ ledger_rules() }}
),
standing as (
    select
        phrases.*,
        rules.threshold,
        rules.has_grace,
        case when rules.is_nullable then observed.observed_value else coalesce(observed.observed_value, 0) end as observed_value
    from phrases
    inner join rules on phrases.criterion_name = rules.criterion_name
    left join observed on phrases.criterion_name = observed.criterion_name
)
select
    criterion_name,
    part_rank as position,
    has_grace,
    threshold,
    observed_value,
    {{ filled_reason('standing', 'coalesce(observed_value, 0)') }} as stands,
    needed,
    criterion_name in ({{ text_literals(parts) }}) as is_part,
    criterion_name in ({{ text_literals(primary.excluded_when or ['']) }}) as excludes
from standing
order by part_rank
{%- endmacro %}

{# Some criteria and all that they are made of. #}
{% macro criteria_below(names) %}
    {% set found = [] %}
    {% for criterion in pql_criteria() if criterion.name in names %}
        {% do found.extend(([criterion.name] + criteria_below((criterion.weights or {}) | list)) | reject('in', found) | list) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}
