-- every account once, and no stage of the funnel without the one before
with mart as (
    select * from {{ ref('pql_warehouse', 'mart_pql_accounts') }}
)

select coalesce(mart.account_id, accounts.account_id) as account_id
from mart
full outer join {{ ref('pql_warehouse', 'pql_accounts') }} as accounts on mart.account_id = accounts.account_id
where
    mart.account_id is null
    or accounts.account_id is null
    or (mart.is_pql and not mart.is_ever_pql)
    or (mart.is_hit and not (mart.is_judged and mart.is_converted))
    or (mart.days_pql_to_conversion is not null and not mart.is_ever_pql)
