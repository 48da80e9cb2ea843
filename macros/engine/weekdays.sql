{# Measures of days may ask for some weekdays only: `weekdays` of a criterion, as mon to sun. #}

{% macro weekday_names() %}
    {% do return(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) %}
{% endmacro %}

{# How many days after a Monday a day is: the first day of all, 1 January of the year 1, is one. #}
{% macro days_after_monday(day) -%}
mod({{ days_between(first_date(), day) }}, 7)
{%- endmacro %}

{# Whether a day is one that the criterion looks at. #}
{% macro is_listed_day(criterion, day) -%}
{{ days_after_monday(day) }} in (
    {%- for name in weekday_names() if name in criterion.weekdays %}{{ ', ' if not loop.first }}{{ weekday_names().index(name) }}{% endfor -%}
)
{%- endmacro %}

{# Consecutive numbers of the days that the criterion looks at, whatever lies between them. #}
{% macro number_of_day(criterion, day) -%}
{%- if not criterion.weekdays -%}
{{ days_between(first_date(), day) }}
{%- else -%}
cast(({{ days_between(first_date(), day) }} - {{ days_after_monday(day) }}) / 7 as integer) * {{ criterion.weekdays | length }} + case {{ days_after_monday(day) }}
    {%- for name in weekday_names() if name in criterion.weekdays %} when {{ weekday_names().index(name) }} then {{ loop.index }}{% endfor %} end
{%- endif -%}
{%- endmacro %}

{# The first day after one that the criterion looks at. #}
{% macro next_listed_day(criterion, day) -%}
{%- if not criterion.weekdays -%}
{{ add_days(day, 1) }}
{%- else -%}
{%- set waits, names = [], weekday_names() -%}
{%- for place in range(7) -%}
    {%- set later = (names + names)[place + 1:] -%}
    {%- do waits.append('when ' ~ place ~ ' then ' ~ (later.index(later | select('in', criterion.weekdays) | first) + 1)) -%}
{%- endfor -%}
{{ add_days(day, 'case ' ~ days_after_monday(day) ~ ' ' ~ waits | join(' ') ~ ' end') }}
{%- endif -%}
{%- endmacro %}

{# How many of so many days in a row it looks at, at most; none where there is no end of them. #}
{% macro most_listed_days(criterion, days) %}
    {% if not days or not criterion.weekdays %}{% do return(days) %}{% endif %}
    {% set rest, found = (weekday_names() + weekday_names()), [] %}
    {% for first in range(7) %}{% do found.append(rest[first:first + days % 7] | select('in', criterion.weekdays) | list | length) %}{% endfor %}
    {% do return(days // 7 * criterion.weekdays | length + found | max) %}
{% endmacro %}

{# What such a day is called, in the singular and plural that go with {value}. #}
{% macro counted_days(criterion) %}
    {% set listed = weekday_names() | select('in', criterion.weekdays or weekday_names()) | list %}
    {% if listed | length == 7 %}{% do return(counted('day')) %}{% endif %}
    {% if listed == weekday_names()[:5] %}{% do return(counted('working day')) %}{% endif %}
    {% set names = ' (' ~ listed | map('capitalize') | join(', ') ~ ')' %}
    {% do return('{day' ~ names ~ '|days' ~ names ~ '}') %}
{% endmacro %}

{% macro value_faults__weekdays(value, rule, names) %}
    {% set faults = value_faults__texts(value, rule, names) %}
    {% for item in value if not faults and item not in weekday_names() %}
        {% do faults.append('must be among ' ~ weekday_names() | join(', ') ~ '; ' ~ got(item)) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}
