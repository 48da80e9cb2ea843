with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

changed as (
    select * from {{ ref('pql_warehouse', 'int_accounts_changed') }}
),

final as (
    select accounts.*, changed.changes_from
    from accounts
    inner join changed on accounts.account_id = changed.account_id
)

select * from final
