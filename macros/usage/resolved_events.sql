{#
    Events with the user and the account that they count for: `columns` of `events`, user_id, account_id, ignored_by (the
    rule that leaves them out; `columns` hold what the rules read). An event's own account wins, else it is that of its
    user at that moment; users and accounts are those that their ids stand for.
#}
{% macro resolved_events(events, columns) -%}
{%- set users = ref('pql_warehouse', 'int_users') -%}
with events_with_users as (
    select
        {%- for column in columns %}
        events.{{ column }},
        {%- endfor %}
        {{ successor_of('events.account_id', 'account') }} as own_account_id,
        {{ successor_of('coalesce(events.user_id, identified.user_id)', 'user') }} as user_id,
        case when events.account_id is null then {{ successor_of('coalesce(events.user_id, identified.user_id)', 'user') }} end
            as user_id_without_account
    from {{ events }} as events
    left join {{ ref('pql_warehouse', 'int_anonymous_events_identified') }} as identified on events.event_id = identified.event_id
    {{ successor_join('coalesce(events.user_id, identified.user_id)', 'user') | indent(4) }}
    {{ successor_join('events.account_id', 'account') | indent(4) }}
)
select
    {%- for column in columns %}
    events_with_users.{{ column }},
    {%- endfor %}
    events_with_users.user_id,
    coalesce(events_with_users.own_account_id, periods.account_id) as account_id,
    {{ ignored_by({
        'event_name': 'events_with_users.event_name', 'properties': 'events_with_users.properties', 'user_id': 'events_with_users.user_id',
        'account_id': 'coalesce(events_with_users.own_account_id, periods.account_id)', 'email_domain': 'users.email_domain',
    }) | indent(4) }} as ignored_by
from events_with_users
left join {{ ref('pql_warehouse', 'int_user_account_periods') }} as periods
    on events_with_users.user_id_without_account = periods.user_id
    and events_with_users.occurred_at >= periods.valid_from
    and events_with_users.occurred_at < periods.valid_to
{%- if ignored_email_domains() %}
left join {{ users }} as users on events_with_users.user_id = users.user_id
{%- endif %}
{%- endmacro %}
