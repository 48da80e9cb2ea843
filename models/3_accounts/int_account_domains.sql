with accounts as (
    select account_id, merged_into, {{ host_of('domain') }} as domain from {{ ref('pql_warehouse', 'dim_accounts') }}
),

living as (
    select distinct domain from accounts
    where merged_into is null
),

-- an account that was merged into another leaves its domain to one that goes on
final as (
    select
        accounts.account_id,
        case when accounts.merged_into is null or living.domain is null then accounts.domain end as domain,
        coalesce(accounts.domain in ({{ text_literals(free_mail_domains()) }}), false) as is_free_mail
    from accounts
    left join living on accounts.domain = living.domain
)

select * from final
