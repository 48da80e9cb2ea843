{%- set query %}
select concat('The as-of is ', {{ moment_text('as_of') }}, ', later than the clock: whoever was active until now has lapsed by then. ',
    'Events with wrong dates say so, or pql_as_of.') as message
from {{ ref('pql_warehouse', 'int_as_of') }}
where as_of > {{ add_time('day', 1, build_moment()) }}
{%- endset %}

{{- warn_about(query) }}
