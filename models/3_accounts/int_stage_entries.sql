{%- set config = pql_config() %}
{%- set names = config.criteria | map(attribute='name') | list + config.definitions | map(attribute='name') | list %}

with stages as (
    select * from {{ ref('pql_warehouse', 'stg_crm__lead_stages') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

domains as (
    select * from {{ ref('pql_warehouse', 'int_account_domains') }}
),

as_of as (
    select * from {{ ref('pql_warehouse', 'int_as_of') }}
),

-- a domain of several accounts says of none of them that the lead is theirs
accounts_of_domains as (
    {{ accounts_of_domains('domains') | indent(4) }}
),

-- of the account that the lead's stands for
of_accounts as (
    select
        {{ successor_of('stages.account_id', 'account') }} as account_id,
        stages.stage,
        stages.entered_at,
        stages.is_known_to_day
    from stages
    {{ successor_join('stages.account_id', 'account') | indent(4) }}
    where stages.account_id is not null
    union all
    select
        accounts_of_domains.account_id,
        stages.stage,
        stages.entered_at,
        stages.is_known_to_day
    from stages
    inner join accounts_of_domains on stages.domain = accounts_of_domains.domain
    where stages.account_id is null
),

-- a stage called as a criterion is would be taken for it
entries as (
    select
        of_accounts.account_id,
        case
            when of_accounts.stage in ({{ text_literals(names) }}) then concat(of_accounts.stage, ' (stage)')
            else of_accounts.stage
        end as criterion_name,
        {{ moment_of('of_accounts.entered_at', 'of_accounts.is_known_to_day', 'accounts.local_time_zone') | indent(8) }}
            as entered_at
    from of_accounts
    inner join accounts on of_accounts.account_id = accounts.account_id
),

firsts as (
    select entries.account_id, entries.criterion_name, min(entries.entered_at) as entered_at
    from entries
    inner join as_of on entries.entered_at <= as_of.as_of
    group by entries.account_id, entries.criterion_name
),

sizes as (
    select
        criterion_name,
        row_number() over (order by count(*) desc, {{ bytewise('criterion_name') }}) as place
    from firsts
    group by criterion_name
),

-- a column of free text for a stage would be judged as thousands of them
final as (
    select
        firsts.account_id,
        firsts.criterion_name,
        firsts.entered_at,
        cast(sizes.place as integer) as place
    from firsts
    inner join sizes on firsts.criterion_name = sizes.criterion_name
    where sizes.place <= {{ most_stages() }}
)

select * from final
