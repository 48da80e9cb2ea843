-- noqa: disable=LT02
{%- set wanted = primary_goals(pql_config()) %}
{%- set names = wanted.uses | map(attribute='name') | list %}

with outlooks as (
    select * from {{ ref('pql_warehouse', 'int_account_outlooks') }}
),

phrases as (
    {{ criterion_phrases(wanted.uses) | indent(4) }}
),

ledger as (
    select * from {{ ref('pql_warehouse', 'pql_account_criteria') }}
),

standings as (
    select * from {{ ref('pql_warehouse', 'pql_accounts') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
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

-- the criterion that use can still meet and that is nearest
near as (
    select *
    from (
        select
            outlooks.account_id,
            outlooks.criterion_name,
            outlooks.observed_value,
            outlooks.progress,
            {{ filled_reason('phrases', 'coalesce(outlooks.observed_value, 0)') }} as stands,
            phrases.needed,
            row_number() over (
                partition by outlooks.account_id order by outlooks.progress desc, phrases.part_rank asc
            ) as place
        from outlooks
        inner join phrases on outlooks.criterion_name = phrases.criterion_name
        where
            not outlooks.is_met
            and outlooks.can_be_met
            and outlooks.progress >= {{ number_literal(crm_setting('pql_nudge_from')) }}
    ) as ranked
    where place = 1
),

named as (
    {{ events_of_several(wanted.uses) | indent(4) }}
),

-- which of the events that criteria name each account has done
done as (
    select distinct usage.account_id, usage.event_name
    from {{ ref('pql_warehouse', 'fct_user_usage_daily') }} as usage
    inner join named on usage.event_name = named.event_name
),

-- of several events that it names those that the account has never done
undone as (
    select
        near.account_id,
        {{ joined_text("replace(named.event_name, '_', ' ')", ', ', 'named.place') }} as not_done
    from near
    inner join named on near.criterion_name = named.criterion_name
    left join done
        on near.account_id = done.account_id
        and named.event_name = done.event_name
    where done.account_id is null
    group by near.account_id
),

-- whoever used the account in the last four weeks can take the step
people as (
    select distinct usage.account_id, usage.user_id
    from {{ ref('pql_warehouse', 'fct_user_usage_daily') }} as usage
    inner join near on usage.account_id = near.account_id
    inner join accounts
        on usage.account_id = accounts.account_id
        and {{ is_in_four_weeks('usage.local_date', 'accounts.as_of_on') }}
    where {{ impersonal("nullif(usage.user_id, '')") }} is not null
),

final as (
    select
        {{ dbt.hash("concat(people.account_id, '|', people.user_id)") }} as nudge_id,
        people.user_id,
        people.account_id as pql_account_id,
        {{ crm_text('standings.account_name') }} as account_name,
        'near' as nudge_status,
        {{ crm_known('near.criterion_name', names) | indent(8) }} as criterion_name,
        {{ crm_text('concat(near.stands, near.needed)') }} as next_step,
        {{ crm_text('undone.not_done') }} as not_done,
        coalesce(standings.next_criterion = near.criterion_name and standings.next_step_makes_lead, false) as makes_lead,
        {{ crm_number('progress_pct', 'floor(near.progress * 100)', 'nudges') | indent(8) }} as progress_pct,
        {{ crm_measure('near.observed_value') }} as has,
        {{ crm_measure('ledger.threshold') }} as needs,
        {{ crm_measure('ledger.threshold - near.observed_value') }} as missing,
        coalesce({{ crm_email('users.email') }}, '') as email
        {%- for attribute in contact_attributes() %},
        {{ crm_text('users.' ~ attribute.column) }} as {{ attribute.column }}
        {%- endfor %}
    from people
    inner join near on people.account_id = near.account_id
    inner join ledger
        on near.account_id = ledger.account_id
        and near.criterion_name = ledger.criterion_name
    inner join standings on people.account_id = standings.account_id
    left join undone on people.account_id = undone.account_id
    left join users on people.user_id = users.user_id
    left join left_users
        on people.account_id = left_users.account_id
        and people.user_id = left_users.user_id
    where left_users.user_id is null
)

select * from final
