{#
    Duplicates in bounded time. By `pql_duplicates_within_days` a delivery is compared with those of the same id that were
    received within so many days of it, and not with all that ever came: an id that comes again later is another event. So
    a build reads no delivery that was received longer before what is new to it.
#}

{# How many days; none where all are compared. #}
{% macro duplicates_within_days() %}
    {% set days = pql_raw_config().pql_duplicates_within_days %}
    {% do return(none if days == 'none' else days) %}
{% endmacro %}

{# When a delivery came, by which those of one id are ordered. #}
{% macro received_or_occurred(events='') %}
    {% set alias = events ~ '.' if events else '' %}
    {% do return('coalesce(' ~ alias ~ 'received_at, ' ~ alias ~ 'occurred_at)') %}
{% endmacro %}

{# What no other accepted event has; its id alone may be that of several. #}
{% macro accepted_id() %}
    {% if not duplicates_within_days() %}{% do return('event_id') %}{% endif %}
    {% do return("concat(event_id, ' ', cast(" ~ received_or_occurred() ~ ' as ' ~ dbt.type_string() ~ '))') %}
{% endmacro %}

{# The deliveries of ids that came twice, each with what the first of those says that it is compared with, as the CTE ranked. #}
{% macro ranked_within_days(events) -%}
numbered as (
    select
        events.*,
        row_number() over (partition by events.event_id order by {{ order_of_deliveries('events') }}) as place,
        cast({{ microseconds_between(utc_midnight("cast('1970-01-01' as date)"), received_or_occurred('events')) }} as bigint) as received_number
    from {{ events }} as events
    inner join repeated_keys on events.event_key = repeated_keys.event_key
    where events.rejection_reason is null
),

compared as (
    select
        *,
        min(place) over (
            partition by event_id order by received_number
            range between {{ duplicates_within_days() * 86400000000 }} preceding and current row
        ) as first_place
    from numbered
),

ranked as (
    select
        compared.*,
        compared.place - compared.first_place + 1 as delivery_rank
        {%- for column in ['event_name', 'occurred_at', 'account_id', 'user_id', 'event_count'] %},
        firsts.{{ column }} as first_{{ column }}
        {%- endfor %}
    from compared
    inner join numbered as firsts
        on compared.event_id = firsts.event_id
        and compared.first_place = firsts.place
)
{%- endmacro %}

{#
    When what is new to this build was received, [from, to], as moments; none for no bound. What is new: the deliveries of
    batches that changed, those that these held before, and those whose verdict hangs on the clock.
#}
{% macro received_bounds() %}
    {% set known = memo('received_bounds') %}
    {% if not execute or 'bounds' in known %}{% do return(known.bounds or [none, none]) %}{% endif %}
    {% set batches = stored('int_event_batches') %}
    {% set received = received_or_occurred() %}
    {% set found = run_query(
        'select cast(min(received) as ' ~ dbt.type_string() ~ '), cast(max(received) as ' ~ dbt.type_string() ~ ') from ('
        ~ 'select ' ~ received ~ ' as received from ' ~ stored('base_product__events') ~ ' where ' ~ in_changed_batches(batches)
        ~ ' union all select ' ~ received ~ ' from ' ~ stored('stg_product__events_judged')
        ~ ' where batch_id in (' ~ changed_batches(batches) ~ ') union all select ' ~ received ~ ' from '
        ~ stored('stg_product__events_judged') ~ ' where ' ~ is_judged_otherwise_now() ~ ') as new_deliveries'
    ).rows[0] %}
    {% set bounds = [] %}
    {% for text in found %}{% do bounds.append(modules.datetime.datetime.fromisoformat(text) if text and modules.re.match('[1-8][0-9]{3}-', text) else none) %}{% endfor %}
    {% do known.update({'bounds': bounds}) %}
    {% do return(bounds) %}
{% endmacro %}

{#
    Which of the deliveries judged before are compared with what is new to this build, or with what that is compared with:
    a list of conditions of which one holds, each by one column, so that an engine skips what lies outside.
#}
{% macro received_with_what_changed() %}
    {% if not duplicates_within_days() %}{% do return(['true']) %}{% endif %}
    {% set bounds, days = received_bounds(), modules.datetime.timedelta(days=duplicates_within_days()) %}
    {% set conditions = [] %}
    {% for column, missing in {'received_at': '', 'occurred_at': 'received_at is null and '}.items() %}
        {% set parts = [column ~ ' is not null'] %}
        {% if bounds[0] %}{% do parts.append(column ~ ' >= ' ~ moment_literal(bounds[0] - days)) %}{% endif %}
        {% if bounds[1] %}{% do parts.append(column ~ ' <= ' ~ moment_literal(bounds[1] + days)) %}{% endif %}
        {% do conditions.append('(' ~ missing ~ parts | join(' and ') ~ lies_in_batches_of(missing, bounds, days) ~ ')') %}
    {% endfor %}
    {% do return(conditions) %}
{% endmacro %}

{# Of an earlier delivery: it was received before all that is new, and its verdict stands. #}
{% macro is_only_compared_with() %}
    {% set from = received_bounds()[0] %}
    {% do return('coalesce(' ~ received_or_occurred() ~ ' < ' ~ moment_literal(from) ~ ', false)' if from else 'false') %}
{% endmacro %}

{# The same bounds in the names of batches, for an engine that keeps each batch apart. #}
{% macro lies_in_batches_of(never, bounds, days) %}
    {{- return(adapter.dispatch('lies_in_batches_of', 'pql_warehouse')(never, bounds, days)) -}}
{% endmacro %}

{% macro default__lies_in_batches_of(never, bounds, days) %}{% do return('') %}{% endmacro %}
