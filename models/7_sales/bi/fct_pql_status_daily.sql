{%- set primary = pql_config().definitions[0] %}

with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

episodes as (
    select * from {{ ref('pql_warehouse', 'fct_pql_episodes') }}
    where definition_name = {{ text_literal(primary.name) }}
),

exclusions as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
    where criterion_name in ({{ text_literals(primary.excluded_when or ['']) }})
),

-- whatever a status follows from, as something that begins (1) or ends (-1)
changes as (
    {%- for table, moment, what, change in [
        ('accounts', 'coalesce(signed_up_at, given_signed_up_at)', 'signed up', 1), ('accounts', 'converted_at', 'converted', 1),
        ('accounts', 'closed_at', 'closed', 1), ('exclusions', 'started_at', 'excluded', 1),
        ('exclusions', 'ended_at', 'excluded', -1), ('episodes', 'qualified_at', 'active', 1),
        ('episodes', 'ended_at', 'active', -1), ('episodes', 'qualified_at', 'ever', 1),
    ] %}
    select account_id, cast({{ moment }} as date) as status_on, '{{ what }}' as what, {{ change }} as change
    from {{ table }}
    where {{ moment }} {{ '<= as_of' if what == 'signed up' else 'is not null' }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- how an account stood when each day on which something changed ended, or at the as-of
days as (
    select
        account_id,
        {% for what in ['converted', 'closed', 'excluded', 'active', 'ever'] -%}
        sum(sum(case when what = '{{ what }}' then change else 0 end)) over (
            partition by account_id order by status_on rows unbounded preceding
        ) as {{ what }},
        {% endfor -%}
        status_on
    from changes
    group by account_id, status_on
),

standings as (
    select
        days.account_id,
        days.status_on,
        case
            when accounts.merged_into is not null then 'merged'
            when days.converted > 0 then 'converted'
            when days.closed > 0 then 'closed'
            when days.excluded > 0 then 'excluded'
            when days.active > 0 then 'active'
            when days.ever > 0 then 'lapsed'
            else 'never'
        end as pql_status,
        days.active > 0 as is_pql,
        case when days.active > 0 then episodes.tier end as tier
    from days
    inner join accounts on days.account_id = accounts.account_id
    left join episodes
        on days.account_id = episodes.account_id
        and days.ever = episodes.episode_number
),

compared as (
    select
        *,
        concat(pql_status, ' ', case when is_pql then 'is one' else '' end, ' ', coalesce(tier, '')) as standing,
        lag(concat(pql_status, ' ', case when is_pql then 'is one' else '' end, ' ', coalesce(tier, ''))) over (
            partition by account_id order by status_on
        ) as standing_before
    from standings
),

final as (
    select
        account_id,
        status_on,
        lead(status_on) over (partition by account_id order by status_on) as until_on,
        pql_status,
        is_pql,
        tier
    from compared
    where standing_before is null or standing <> standing_before
)

select * from final
