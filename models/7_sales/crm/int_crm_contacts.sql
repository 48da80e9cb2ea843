-- noqa: disable=LT02,LT05
{%- set criteria, narrowed = criteria_of_use(), [] %}
{%- for criterion in criteria if is_narrowed(criterion) %}{% do narrowed.append(criterion) %}{% endfor %}

with leads as (
    select
        cards.*,
        cards.pql_account_id as account_id,
        case when {{ list_holds_one_of('cards.criteria_met', narrowed) }} then 1 else 0 end as is_narrowed,
        accounts.signed_up_on
    from {{ ref('pql_warehouse', 'crm_pql_accounts') }} as cards
    inner join {{ ref('pql_warehouse', 'int_accounts') }} as accounts on cards.pql_account_id = accounts.account_id
    where cards.usage_as_of is not null
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

users as (
    select * from {{ ref('pql_warehouse', 'int_crm_users') }}
),

left_users as (
    {{ users_who_left(ref('pql_warehouse', 'int_memberships'), 'as_of') | indent(4) }}
),

billing_dates as (
    select * from {{ ref('pql_warehouse', 'int_account_billing_dates') }}
),

-- the four weeks up to the day of qualification, as on the card
usage as (
    select usage.*
    from {{ ref('pql_warehouse', 'fct_user_usage_daily') }} as usage
    inner join leads
        on usage.account_id = leads.account_id
        and usage.local_date <= leads.usage_as_of
        and usage.local_date > {{ add_days('leads.usage_as_of', -28) }}
    where {{ impersonal("nullif(usage.user_id, '')") }} is not null
),

events as {{ not_materialized() }} (
    select events.*
    from {{ ref('pql_warehouse', 'int_detailed_events') }} as events
    inner join leads
        on events.account_id = leads.account_id
        and events.local_date <= leads.usage_as_of
        and events.local_date > {{ add_days('leads.usage_as_of', -28) }}
    where {{ impersonal("nullif(events.user_id, '')") }} is not null
),

asked as (
    {{ asked_use(criteria, {'usage': 'usage', 'events': 'events', 'accounts': 'leads', 'billing_dates': 'billing_dates'}) | indent(4) }}
),

-- what the criteria ask for that the lead meets; one that every event counts for tells nothing beside one that names some
met as (
    select asked.*
    from asked
    inner join leads
        on asked.account_id = leads.account_id
        and {{ list_holds('leads.criteria_met', 'asked.criterion_name') }}
        and asked.is_narrowed >= leads.is_narrowed
),

-- an event that several of them ask for counts once
done as (
    select
        account_id,
        user_id,
        event_name,
        sum(events) as events,
        row_number() over (
            partition by account_id, user_id order by sum(events) desc, {{ bytewise('event_name') }} asc
        ) as place
    from (
        select account_id, user_id, local_date, event_name, max(events) as events
        from met
        group by account_id, user_id, local_date, event_name
    ) as daily
    group by account_id, user_id, event_name
),

uses as (
    select
        account_id,
        user_id,
        sum(events) as uses,
        {{ joined_text("case when place <= 3 then replace(event_name, '_', ' ') end", ', ', 'place') }} as does_most
    from done
    group by account_id, user_id
),

used as (
    select
        account_id,
        user_id,
        {{ joined_text('criterion_name', ';', bytewise('criterion_name')) }} as criteria_used
    from (select distinct account_id, user_id, criterion_name from met) as pairs
    group by account_id, user_id
),

people as (
    select account_id, user_id, sum(events) as events, max(local_date) as last_used_on
    from usage
    group by account_id, user_id
),

ranked as (
    select
        people.*,
        uses.uses,
        uses.does_most,
        row_number() over (
            partition by people.account_id
            order by
                coalesce(uses.uses, 0) desc, people.last_used_on desc, people.events desc, {{ bytewise('people.user_id') }} asc
        ) as place
    from people
    left join uses
        on people.account_id = uses.account_id
        and people.user_id = uses.user_id
    left join left_users
        on people.account_id = left_users.account_id
        and people.user_id = left_users.user_id
    where left_users.user_id is null
),

final as (
    select
        {{ dbt.hash("concat(ranked.account_id, '|', ranked.user_id)") }} as pql_contact_id,
        ranked.user_id,
        ranked.account_id as pql_account_id,
        leads.account_name,
        case leads.pql_status when 'active' then 'contact' when 'held_out' then 'held_out' else 'not_a_lead' end as contact_status,
        {{ crm_number('contact_rank', 'ranked.place', 'contacts') | indent(8) }} as contact_rank,
        leads.reason,
        {{ crm_text('ranked.does_most') }} as does_most,
        {{ crm_known_list("coalesce(used.criteria_used, '')", criteria | map(attribute='name') | list) | indent(8) }} as criteria_used,
        {{ crm_number('uses', 'ranked.uses', 'contacts') | indent(8) }} as uses,
        {{ crm_date('last_used_on', 'ranked.last_used_on', 'contacts') }} as last_used_on,
        leads.qualified_at,
        leads.pql_event_id,
        leads.app_url,
        coalesce({{ crm_email('users.email') }}, '') as email
        {%- for attribute in contact_attributes() %},
        {{ crm_text('users.' ~ attribute.column) }} as {{ attribute.column }}
        {%- endfor %}
    from ranked
    inner join leads on ranked.account_id = leads.account_id
    left join used
        on ranked.account_id = used.account_id
        and ranked.user_id = used.user_id
    left join users on ranked.user_id = users.user_id
    where ranked.place <= 3
)

select * from final
