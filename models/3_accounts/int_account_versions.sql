with accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

attributes as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
),

limits as (
    select * from {{ ref('pql_warehouse', 'stg_billing__plan_limits') }}
),

attribute_versions as (
    select account_id, {{ sum_of_hashes(['attribute', 'value', 'valid_from', 'valid_to']) }} as version
    from attributes
    group by account_id
),

limit_version as (
    select {{ sum_of_hashes(['plan', 'limit_name', 'limit_value']) }} as version
    from limits
),

-- everything but its events that decides what an account meets when
final as (
    select
        accounts.account_id,
        {{ row_text([
            text_literal(local_md5(tojson(pql_criteria(), sort_keys=true))), 'limit_version.version', 'accounts.local_time_zone',
            'accounts.signed_up_at', 'attribute_versions.version',
        ]) }} as version
    from accounts
    cross join limit_version
    left join attribute_versions on accounts.account_id = attribute_versions.account_id
)

select * from final
