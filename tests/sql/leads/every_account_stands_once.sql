{%- set facts = [
    'fct_user_usage_daily', 'fct_account_usage_daily', 'fct_criterion_episodes', 'fct_pql_episodes', 'pql_account_criteria',
] %}

-- An account that pql_accounts lacks or has twice, or that any fact names although it is not listed.
with listed as (
    select account_id from {{ ref('pql_warehouse', 'stg_product__accounts') }}
),

stated as (
    select account_id, count(*) as times
    from {{ ref('pql_warehouse', 'pql_accounts') }}
    group by account_id
),

named as (
    {%- for fact in facts %}
    select account_id from {{ ref('pql_warehouse', fact) }}
    union distinct
    {%- endfor %}
    select account_id from {{ ref('pql_warehouse', 'dim_accounts') }}
)

select listed.account_id, 'must be there once' as fault
from listed
left join stated on listed.account_id = stated.account_id
where coalesce(stated.times, 0) <> 1
union all
select named.account_id, 'is not listed' as fault
from named
left join listed on named.account_id = listed.account_id
where listed.account_id is null
union all
select stated.account_id, 'is not listed' as fault
from stated
left join listed on stated.account_id = listed.account_id
where listed.account_id is null
union all
select account_id, 'is there more than once in dim_accounts' as fault
from {{ ref('pql_warehouse', 'dim_accounts') }}
group by account_id
having count(*) > 1
