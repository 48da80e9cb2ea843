with accounts as (
    select account_id, {{ host_of('domain') }} as domain from {{ ref('pql_warehouse', 'dim_accounts') }}
),

final as (
    select
        account_id,
        domain,
        coalesce(domain in ({{ text_literals(free_mail_domains()) }}), false) as is_free_mail
    from accounts
)

select * from final
