{%- set config = pql_config() %}

with criterion_episodes as (
    select * from {{ ref('pql_warehouse', 'fct_criterion_episodes') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

-- a definition holds while `support` is whole and nothing blocks it; each blocker has a column, for the end's reason
changes as (
    {{ definition_changes(config.definitions, 'criterion_episodes', 'accounts') | indent(4) }}
),

totals as (
    {{ running_totals('changes', ['support', 'converted', 'closed', 'excluded']) | indent(4) }}
),

states as (
    select
        *,
        case when support = 2 and converted = 0 and closed = 0 and excluded = 0 then 1 else 0 end as is_held
    from totals
),

turns as (
    select *
    from (
        select
            *,
            lag(is_held, 1, 0) over (partition by definition_name, account_id order by changed_at) as was_held
        from states
    ) as compared
    where is_held <> was_held
),

held as (
    select
        *,
        lead(changed_at) over (partition by definition_name, account_id order by changed_at) as lost_at,
        lead(
            case
                when converted > 0 then 'converted'
                when closed > 0 then 'closed'
                when excluded > 0 then 'excluded'
                else 'lapsed'
            end
        ) over (partition by definition_name, account_id order by changed_at) as lost_reason
    from turns
),

expiring as (
    select
        held.definition_name,
        held.account_id,
        held.changed_at as qualified_at,
        held.lost_at,
        held.lost_reason,
        {{ expiry(config.definitions, 'held', 'accounts') | indent(8) }} as expires_at,
        accounts.as_of
    from held
    inner join accounts on held.account_id = accounts.account_id
    where held.is_held = 1
),

numbered as (
    select
        definition_name,
        account_id,
        cast(row_number() over (partition by definition_name, account_id order by qualified_at) as bigint) as episode_number,
        qualified_at,
        case when expires_at <= as_of and (lost_at is null or expires_at < lost_at) then expires_at else lost_at end as ended_at,
        case when expires_at <= as_of and (lost_at is null or expires_at < lost_at) then 'expired' else lost_reason end
            as end_reason
    from expiring
),

-- what else the account met at the start of each
moments as (
    select definition_name, account_id, qualified_at as moment from numbered
),

standings as (
    {{ standings(config, 'moments', 'criterion_episodes') | indent(4) }}
),

final as (
    select
        numbered.definition_name,
        numbered.account_id,
        numbered.episode_number,
        numbered.qualified_at,
        numbered.ended_at,
        numbered.end_reason,
        standings.criteria_met,
        standings.tier,
        cast(standings.score as {{ type_measure() }}) as score
    from numbered
    inner join standings
        on numbered.definition_name = standings.definition_name
        and numbered.account_id = standings.account_id
        and numbered.qualified_at = standings.moment
)

select * from final
