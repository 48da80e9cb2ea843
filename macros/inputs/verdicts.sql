{#
    The verdict on every delivery in `events`, as the CTE verdicts: its columns and `reason`, null where it is accepted.
    Of the deliveries of one id the first counts.
#}
{% macro verdict_ctes(events, columns) %}
    {{- return(adapter.dispatch('verdict_ctes', 'pql_warehouse')(events, columns)) -}}
{% endmacro %}

{# Only ids that were delivered twice are sorted: two ids may share a key, which does no harm. #}
{% macro default__verdict_ctes(events, columns) -%}
repeated_keys as (
    select event_key
    from {{ events }}
    where rejection_reason is null
    group by event_key
    having count(*) > 1
),

delivered_once as (
    select events.*, events.rejection_reason as reason
    from {{ events }} as events
    left join repeated_keys on events.event_key = repeated_keys.event_key
    where
        events.rejection_reason is not null
        or repeated_keys.event_key is null
),

{% if duplicates_within_days() -%}
{{ ranked_within_days(events) }},
{%- else -%}
ranked as (
    select
        events.*,
        {{ rank_of_delivery('events', 'events.event_id') | indent(8) }}
    from {{ events }} as events
    inner join repeated_keys on events.event_key = repeated_keys.event_key
    where events.rejection_reason is null
),
{%- endif %}

verdicts as (
    select * from delivered_once
    union all
    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ verdict_by_rank() | indent(8) }} as reason
    from ranked
)
{%- endmacro %}

{# A delivery's place among those of its id, and what the first of them says. #}
{% macro rank_of_delivery(events, ids) -%}
{%- set window -%}
partition by {{ ids }} order by {{ order_of_deliveries(events) }}
{%- endset -%}
row_number() over ({{ window }}) as delivery_rank
{%- for column in ['event_name', 'occurred_at', 'account_id', 'user_id', 'event_count'] %},
first_value({{ events }}.{{ column }}) over ({{ window }} rows between unbounded preceding and current row) as first_{{ column }}
{%- endfor -%}
{%- endmacro %}

{% macro verdict_by_rank() -%}
case
    when delivery_rank = 1 then null
    when
        event_name = first_event_name
        and occurred_at = first_occurred_at
        and coalesce(account_id, '') = coalesce(first_account_id, '')
        and coalesce(user_id, '') = coalesce(first_user_id, '')
        and event_count = first_event_count
        then 'duplicate'
    else 'conflicting_duplicate'
end
{%- endmacro %}

{#
    The delivery received first counts; what is equal in all that the specification names is settled by source and batch,
    then by what is counted of a row.
#}
{% macro order_of_deliveries(events) %}
coalesce({{ events }}.received_at, {{ events }}.occurred_at),
{{ events }}.occurred_at,
{{ bytewise(events ~ '.account_id') }} nulls last,
{{ bytewise(events ~ '.user_id') }} nulls last,
{{ bytewise(events ~ '.event_name') }},
{{ bytewise(events ~ '.anonymous_id') }} nulls last,
{{ bytewise(events ~ '.properties') }} nulls last,
{{ events }}.event_count,
{{ events }}.event_source,
{{ events }}.received_at nulls last,
{{ events }}.batch_id
{%- for column in ['placeholder_id', 'invalid_properties', 'event_count_text', 'occurred_at_text'] %},
{{ bytewise(events ~ '.' ~ column) }} nulls last
{%- endfor -%}
{%- endmacro %}

{# Rows of the batches that changed. The files are spelt out, so that no other file is opened. #}
{% macro in_changed_batches(batches) %}
    {% set files = values_of(batches, 'batch_file', 'is_changed and batch_file is not null') %}
    {% set others = values_of(batches, 'batch_id', 'is_changed and batch_file is null and version is not null') %}
    {% set conditions = [] %}
    {% if files %}{% do conditions.append('batch_file in (' ~ text_literals(files) ~ ')') %}{% endif %}
    {% if others %}{% do conditions.append('batch_id in (' ~ text_literals(others) ~ ')') %}{% endif %}
    {% do return(any_of(conditions)) %}
{% endmacro %}

{# The batches that changed, spelt out, so that an engine skips what holds no other. #}
{% macro changed_batches(batches) %}
    {% do return(text_literals(values_of(batches, 'batch_id', 'is_changed') or [''])) %}
{% endmacro %}

{# The batches of which this build, or one that was stopped, has judged a delivery or taken one away. #}
{% macro judged_batches(batches) %}
    {% set settings, judged = built_settings(), stored('stg_product__events_judged') %}
    {% if not settings or not judged %}{% do return("''") %}{% endif %}
    {% set found = values_of(judged, 'batch_id', 'judged_in_build > ' ~ settings.build) + values_of(batches, 'batch_id', 'is_changed') %}
    {% do return(text_literals(found | unique(case_sensitive=true) | list or [''])) %}
{% endmacro %}

{#
    What an earlier build had judged and is to be judged again, as the CTE judged_before: the deliveries in other batches
    of the ids that were delivered again, and those whose verdict hangs on the clock. The CTE withdrawn holds accepted
    deliveries that have gone from their batch, until a whole build has taken them out of the usage.
#}
{% macro judged_before(kept, columns, batches) -%}
{%- set changed, among_compared = changed_batches(batches), received_with_what_changed() -%}
redelivered as (
    select * from {{ kept }}
    where batch_id in ({{ changed }})
),

keys_to_judge as (
    select event_key from deliveries
    where event_key is not null
    union distinct
    select event_key from redelivered
    where event_key is not null
    union distinct
    select event_key from {{ kept }}
    where
        event_key is not null
        and {{ is_judged_otherwise_now() }}
),

-- few are: these are looked for first, without what else a delivery holds; their moments let an engine skip the rest
known_before as (
    {%- for condition in among_compared %}
    select event_key, occurred_at from {{ kept }}
    where
        event_key in (select event_key from keys_to_judge)
        and batch_id not in ({{ changed }})
        and {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

judged_before as (
    {%- for condition in among_compared %}
    select
        {%- for column in columns if column != 'rejection_reason' %}
        {{ column }},
        {%- endfor %}
        {{ rejection_reason() }} as rejection_reason
        {%- if duplicates_within_days() %},
        {{ is_only_compared_with() }} as is_only_compared_with
        {%- endif %}
    from {{ kept }}
    where
        event_key in (select event_key from known_before)
        and occurred_at in (select occurred_at from known_before)
        and batch_id not in ({{ changed }})
        and coalesce(reason, 'accepted') <> 'withdrawn'
        and {{ condition }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

withdrawn as (
    select
        {%- for column in columns %}
        redelivered.{{ column }},
        {%- endfor %}
        'withdrawn' as reason
    from redelivered
    left join deliveries
        on redelivered.event_key = deliveries.event_key
        and redelivered.occurred_at = deliveries.occurred_at
        and redelivered.event_name = deliveries.event_name
        {%- for column in ['account_id', 'user_id', 'anonymous_id'] %}
        and coalesce(redelivered.{{ column }}, '') = coalesce(deliveries.{{ column }}, '')
        {%- endfor %}
        {%- if duplicates_within_days() %}
        and {{ received_or_occurred('redelivered') }} = {{ received_or_occurred('deliveries') }}
        {%- endif %}
    where
        coalesce(redelivered.reason, 'withdrawn') = 'withdrawn'
        and deliveries.event_key is null
)
{%- endmacro %}

{# Whether the clock has let a judged row without received_at in since it was judged, or shut it out. #}
{% macro is_judged_otherwise_now() -%}
{%- set latest = add_time('day', 1, build_moment()) -%}
(
    received_at is null
    and ((rejection_reason = 'future_occurred_at' and occurred_at <= {{ latest }}) or (rejection_reason is null and occurred_at > {{ latest }}))
)
{%- endmacro %}

{# A judged row that this build or the last has accepted; they differ where the machine's clock has been set back. #}
{% macro was_ever_accepted() %}
    {% set settings = built_settings() %}
    {% if not settings or settings.clock <= build_clock() %}{% do return('rejection_reason is null') %}{% endif %}
    {% do return('(rejection_reason is null or (received_at is null and occurred_at <= '
        ~ add_time('day', 1, moment_literal(settings.clock)) ~ '))') %}
{% endmacro %}
