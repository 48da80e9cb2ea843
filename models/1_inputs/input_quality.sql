with inputs as (
    select * from {{ ref('pql_warehouse', 'base_inputs') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

changes as (
    select * from {{ ref('pql_warehouse', 'stg_product__account_changes') }}
    where attribute = 'domain'
),

domains as (
    select {{ host_of('domain') }} as domain from accounts
    union distinct
    select {{ host_of('value') }} as domain from changes
),

-- a source that delivered nothing is listed with zeros
sources as (
    {{ input_source_names() | indent(4) }}
),

counted as (
    select
        inputs.input_name,
        inputs.source_name,
        count(*) as raw,
        sum(case when inputs.reason is null then 1 else 0 end) as accepted,
        count(distinct case when inputs.reason is null then inputs.row_key end) as different,
        sum(
            case
                when inputs.reason is not null then 0
                when inputs.account_id is not null and accounts.account_id is null then 1
                when inputs.domain is not null and domains.domain is null then 1
                else 0
            end
        ) as of_unknown_accounts
    from inputs
    left join accounts on inputs.account_id = accounts.account_id
    left join domains on inputs.domain = domains.domain
    group by inputs.input_name, inputs.source_name
),

final as (
    select
        sources.input_name,
        sources.source_name,
        cast(coalesce(counted.raw, 0) as bigint) as raw,
        cast(coalesce(counted.accepted, 0) as bigint) as accepted,
        cast(coalesce(counted.raw - counted.accepted, 0) as bigint) as rejected,
        cast(coalesce(counted.accepted - counted.different, 0) as bigint) as repeated,
        cast(coalesce(counted.of_unknown_accounts, 0) as bigint) as of_unknown_accounts
    from sources
    left join counted
        on sources.input_name = counted.input_name
        and sources.source_name = counted.source_name
)

select * from final
