{# The numbers from 0 to `count` - 1, as rows. #}
{% macro numbers(count) -%}
{%- for number in range(count) -%}
select {{ number }} as number{{ ' union all ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}

{#
    How the number of users active in the last N days changes from day to day, for each N of `windows`: a user comes in
    on a day with an event and leaves N days after the last one of a stretch. `user_days` is what
    user_days_with_neighbours gives.
#}
{% macro rolling_user_changes(user_days, windows) -%}
select
    account_id,
    local_date
    {%- for window in windows %},
    sum(case when window_days = {{ window }} then change else 0 end) as change_{{ window }}d
    {%- endfor %}
from (
    {%- for window in windows %}
    select
        account_id,
        {{ window }} as window_days,
        local_date,
        1 as change
    from {{ user_days }}
    where last_date is null or local_date >= {{ add_days('last_date', window) }}
    union all
    select
        account_id,
        {{ window }} as window_days,
        {{ add_days('local_date', window) }} as local_date,
        -1 as change
    from {{ user_days }}
    where next_date is null or next_date >= {{ add_days('local_date', window) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
) as changes
group by account_id, local_date
{%- endmacro %}

{# Every day of a user in an account, with the user's active days before and after it. #}
{% macro user_days_with_neighbours(usage) -%}
select
    account_id,
    local_date,
    lag(local_date) over (partition by account_id, user_id order by local_date) as last_date,
    lead(local_date) over (partition by account_id, user_id order by local_date) as next_date
from (
    select distinct account_id, user_id, local_date
    from {{ usage }}
    where user_id <> ''
) as user_days
{%- endmacro %}
