{%- set findings %}
select
    concat(
        'row(s) of events (', event_source, ') are rejected, invalid_event_count: what says how many events they stand for ',
        'is no whole number above 0'
    ) as about,
    concat(event_id, ' (', event_count_text, ')') as example
from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
where reason = 'invalid_event_count'
{%- endset %}

{{- warn_about(counted_messages(findings), at_most=20) }}
