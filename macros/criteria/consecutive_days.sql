{# consecutive_days: how many local days in a row, up to this one, had a matching event. #}

{% macro criterion__consecutive_days__spec() %}
    {% do return({
        'kind': 'behaviour',
        'measure': 'days in a row with a matching event; with `first_days` the longest run so far',
        'windows': ['lifetime', 'first_days'],
        'options': {'weekdays': {'is': 'weekdays'}},
    }) %}
{% endmacro %}

{# Of some weekdays only, as many lie in one week more than they fill. #}
{% macro criterion__consecutive_days__settings(criterion) %}
    {% set days = criterion.at_least %}
    {% if criterion.weekdays %}{% set days = 7 * (days // criterion.weekdays | length + 2) %}{% endif %}
    {% do return({'reach': 1, 'observes_days': true, 'looks_back_days': none if criterion.window.first_days else days}) %}
{% endmacro %}

{# One row per matching day: the day of its streak that it is, and the day on which the streak ends. #}
{% macro streak_days(criterion, inputs) -%}
select
    account_id,
    local_date,
    occurred_at,
    row_number() over (partition by account_id, streak order by local_date) as streak_length,
    max(local_date) over (partition by account_id, streak) as streak_ends_on,
    max(local_date) over (partition by account_id) as counted_on
from (
    select
        account_id,
        local_date,
        min(occurred_at) as occurred_at,
        {{ number_of_day(criterion, 'local_date') }} - row_number() over (partition by account_id order by local_date) as streak
    from ({{ matches(criterion, inputs) | indent(8) }}) as matches
    group by account_id, local_date
) as numbered
{%- endmacro %}

{% macro criterion__consecutive_days__spans(criterion, inputs) -%}
select
    account_id,
    local_date as starts_on,
    occurred_at as started_at,
    {{ 'cast(null as date)' if criterion.window.first_days else next_listed_day(criterion, 'streak_ends_on') }} as ends_on,
    1 as amount,
    0 as base
from ({{ streak_days(criterion, inputs) | indent(4) }}) as streak_days
where streak_length = {{ criterion.at_least }}
{%- endmacro %}

{# A streak that today may still continue shows its length until now. #}
{% macro criterion__consecutive_days__observed(criterion, inputs) -%}
select
    streak_days.account_id,
    max(streak_days.streak_length) as observed_value,
    max(streak_days.counted_on) as counted_on,
    max(case when streak_days.local_date = streak_days.counted_on then streak_days.streak_length end) as run
from ({{ streak_days(criterion, inputs) | indent(4) }}) as streak_days
inner join {{ inputs.accounts }} as accounts on streak_days.account_id = accounts.account_id
{%- if not criterion.window.first_days %}
where {{ next_listed_day(criterion, 'streak_days.streak_ends_on') }} >= accounts.as_of_on
{%- endif %}
group by streak_days.account_id
{%- endmacro %}

{# A run that has been broken is no part of one to come. #}
{% macro criterion__consecutive_days__outlook(criterion) %}
    {% set run = 'case when ' ~ next_listed_day(criterion, 'standing.counted_on') ~ ' >= standing.as_of_on then standing.run else 0 end' %}
    {% do return(days_outlook(criterion, '(' ~ criterion.at_least ~ ' - coalesce(' ~ run ~ ', 0))', none)) %}
{% endmacro %}

{% macro criterion__consecutive_days__reason(criterion) %}
    {% set what = ' in a row with ' ~ events_phrase(criterion) if is_narrowed(criterion) else ' active in a row' %}
    {% do return('{value} ' ~ counted_days(criterion) ~ what ~ window_phrase(criterion)) %}
{% endmacro %}
