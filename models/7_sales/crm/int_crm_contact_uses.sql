{%- set criteria, narrowed = criteria_of_use(), [] %}
{%- for criterion in criteria if is_narrowed(criterion) %}{% do narrowed.append(criterion) %}{% endfor %}
{%- set inputs = {'usage': 'usage', 'events': 'events', 'accounts': 'leads', 'billing_dates': 'billing_dates'} %}

with accounts as (
    select account_id, signed_up_on from {{ ref('pql_warehouse', 'int_accounts') }}
),

leads as (
    select
        cards.pql_account_id as account_id,
        accounts.signed_up_on,
        cards.usage_as_of,
        cards.criteria_met,
        case when {{ list_holds_one_of('cards.criteria_met', narrowed) }} then 1 else 0 end as is_narrowed
    from {{ ref('pql_warehouse', 'crm_pql_accounts') }} as cards
    left join accounts on cards.pql_account_id = accounts.account_id
    where cards.usage_as_of is not null
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
        and {{ is_in_four_weeks('usage.local_date', 'leads.usage_as_of') }}
    where {{ impersonal("nullif(usage.user_id, '')") }} is not null
),

events as {{ not_materialized() }} (
    select events.*
    from {{ ref('pql_warehouse', 'int_detailed_events') }} as events
    inner join leads
        on events.account_id = leads.account_id
        and {{ is_in_four_weeks('events.local_date', 'leads.usage_as_of') }}
    where {{ impersonal("nullif(events.user_id, '')") }} is not null
),

met as (
    {{ asked_use(criteria, inputs) | indent(4) }}
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
        cast(sum(events) as bigint) as uses,
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

final as (
    select
        people.account_id,
        people.user_id,
        people.events,
        people.last_used_on,
        uses.uses,
        uses.does_most,
        used.criteria_used
    from people
    left join uses
        on people.account_id = uses.account_id
        and people.user_id = uses.user_id
    left join used
        on people.account_id = used.account_id
        and people.user_id = used.user_id
)

select * from final
