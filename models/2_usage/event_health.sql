-- noqa: disable=LT02
{#
    Tells a tracker that broke from usage that fell: an event that stops for accounts which go on doing everything else
    has not lost its users. The last three whole days are compared with the same three weekdays of the four weeks before.
#}
{%- set now, weeks_before = (1, 3), [(8, 10), (15, 17), (22, 24), (29, 31)] %}

with as_of as (
    select cast(as_of as date) as as_of_on from {{ ref('pql_warehouse', 'int_as_of') }}
),

daily as (
    select
        usage.account_id,
        usage.event_name,
        usage.local_date,
        usage.events,
        {{ days_between('usage.local_date', 'as_of.as_of_on') }} as days_ago
    from {{ ref('pql_warehouse', 'fct_user_usage_daily') }} as usage
    cross join as_of
    where
        usage.local_date < as_of.as_of_on
        and usage.local_date >= {{ add_days('as_of.as_of_on', -35) }}
),

-- `used_before` is of the fortnight before the three days, `used_earlier` of that before the same days a week ago
by_account as (
    select
        account_id,
        event_name,
        max(local_date) as last_seen_on,
        max(days_ago) as first_days_ago,
        {%- for days in [now] + weeks_before %}
        sum(case when days_ago between {{ days[0] }} and {{ days[1] }} then events else 0 end) as events_{{ loop.index0 }},
        {%- endfor %}
        max(case when days_ago between 4 and 17 then 1 else 0 end) as used_before,
        max(case when days_ago between 11 and 24 then 1 else 0 end) as used_earlier
    from daily
    group by account_id, event_name
),

whole_accounts as (
    select account_id, sum(events_0) as events_0, sum(events_1) as events_1
    from by_account
    group by account_id
),

-- of accounts that had used the event and still do something: who still does this? And a week earlier?
by_event as (
    select
        uses.event_name,
        max(uses.last_seen_on) as last_seen_on,
        max(uses.first_days_ago) as first_days_ago,
        {%- for week in range(5) %}
        sum(uses.events_{{ week }}) as events_{{ week }},
        {%- endfor %}
        sum(case when uses.used_before = 1 and accounts.events_0 > uses.events_0 then 1 else 0 end) as accounts_active,
        sum(
            case when uses.used_before = 1 and accounts.events_0 > uses.events_0 and uses.events_0 > 0 then 1 else 0 end
        ) as accounts_using,
        sum(case when uses.used_earlier = 1 and accounts.events_1 > uses.events_1 then 1 else 0 end) as earlier_active,
        sum(
            case when uses.used_earlier = 1 and accounts.events_1 > uses.events_1 and uses.events_1 > 0 then 1 else 0 end
        ) as earlier_using
    from by_account as uses
    inner join whole_accounts as accounts on uses.account_id = accounts.account_id
    group by uses.event_name
),

totals as (
    select
        {%- for week in range(5) %}
        sum(events_{{ week }}) as events_{{ week }}{{ ',' if not loop.last }}
        {%- endfor %}
    from by_event
),

compared as (
    select
        by_event.event_name,
        by_event.last_seen_on,
        by_event.first_days_ago,
        by_event.events_0 as events_last_days,
        least(by_event.events_1, by_event.events_2, by_event.events_3, by_event.events_4) as events_weakest_days,
        totals.events_0 - by_event.events_0 as others_last_days,
        least(
            totals.events_1 - by_event.events_1, totals.events_2 - by_event.events_2,
            totals.events_3 - by_event.events_3, totals.events_4 - by_event.events_4
        ) as others_weakest_days,
        by_event.accounts_active,
        by_event.accounts_using,
        by_event.earlier_active,
        by_event.earlier_using
    from by_event
    cross join totals
),

judged as (
    select
        *,
        case
            when first_days_ago <= 10 then 'new'
            when events_weakest_days < {{ event_health_least() }} then 'too_few'
            when events_last_days >= 0.5 * events_weakest_days then 'usual'
            when
                others_last_days >= 0.5 * others_weakest_days
                and accounts_active >= 5
                and (
                    events_last_days = 0
                    or accounts_using * earlier_active < 0.1 * earlier_using * accounts_active
                )
                then 'tracking'
            else 'usage'
        end as verdict
    from compared
),

-- a new event that the accounts of a broken one use is perhaps the same under another name
successors as (
    select
        broken.event_name,
        news.event_name as may_be_called,
        row_number() over (
            partition by broken.event_name
            order by count(*) desc, {{ bytewise('news.event_name') }} asc
        ) as successor_rank
    from judged as broken
    inner join by_account as uses on broken.event_name = uses.event_name
    inner join by_account as new_uses on uses.account_id = new_uses.account_id
    inner join judged as news on new_uses.event_name = news.event_name
    where
        broken.verdict = 'tracking'
        and news.verdict = 'new'
        and uses.used_before = 1
        and news.events_last_days >= 0.5 * broken.events_weakest_days
    group by broken.event_name, news.event_name, broken.accounts_active
    having count(*) >= 0.5 * broken.accounts_active
),

final as (
    select
        judged.event_name,
        judged.verdict,
        successors.may_be_called,
        judged.last_seen_on,
        cast(judged.events_last_days as bigint) as events_last_days,
        cast(judged.events_weakest_days as bigint) as events_weakest_days,
        cast(judged.others_last_days as bigint) as others_last_days,
        cast(judged.others_weakest_days as bigint) as others_weakest_days,
        cast(judged.accounts_active as bigint) as accounts_active,
        cast(judged.accounts_using as bigint) as accounts_using
    from judged
    left join successors
        on judged.event_name = successors.event_name
        and successors.successor_rank = 1
)

select * from final
