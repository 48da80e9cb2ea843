-- what input_quality counts as accepted is what the staging models hold: no row is lost between them
with accepted as (
    select
        count(distinct case when input_name = 'accounts' then row_key end) as accounts,
        count(distinct case when input_name = 'users' then row_key end) as users,
        count(case when input_name = 'conversions' then 1 end) as conversions
    from {{ ref('pql_warehouse', 'base_inputs') }}
    where reason is null
),

staged as (
    select
        (select count(*) from {{ ref('pql_warehouse', 'stg_product__accounts') }}) as accounts,
        (select count(*) from {{ ref('pql_warehouse', 'stg_product__users') }}) as users,
        (select count(*) from {{ ref('pql_warehouse', 'stg_billing__conversions') }}) as conversions
)

select accepted.*, staged.accounts as staged_accounts, staged.users as staged_users, staged.conversions as staged_conversions
from accepted
cross join staged
where
    accepted.accounts <> staged.accounts
    or accepted.users <> staged.users
    or accepted.conversions <> staged.conversions
