{%- set findings %}
select
    concat(
        'row(s) of events (', event_source, ') have the id of an event that another row tells otherwise (user, account, ',
        'name, time or number), and do not count; the row received first does. All are in stg_product__events_rejected'
    ) as about,
    concat(event_id, ' (', event_name, ' of ', coalesce(user_id, anonymous_id, account_id, 'nobody'), ')') as example
from {{ ref('pql_warehouse', 'stg_product__events_judged') }}
where reason = 'conflicting_duplicate'
{%- endset %}

{{- warn_about(counted_messages(findings), at_most=20) }}
