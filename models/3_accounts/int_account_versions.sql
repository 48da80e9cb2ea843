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

-- of those that decide how behaviour is measured
measuring_versions as (
    select account_id, {{ sum_of_hashes(['attribute', 'value', 'valid_from', 'valid_to']) }} as version
    from attributes
    where attribute in ({{ text_literals(attributes_that_measure() or ['']) }})
    group by account_id
),

limit_version as (
    select {{ sum_of_hashes(['plan', 'limit_name', 'limit_value']) }} as version
    from limits
),

-- everything but its events that decides how an account's behaviour is measured
measured as (
    select
        accounts.account_id,
        {{ dbt.hash(row_text([
            text_literal(local_md5(tojson(pql_criteria(), sort_keys=true))), 'limit_version.version', 'accounts.local_time_zone',
            'accounts.signed_up_at', 'measuring_versions.version',
        ])) }} as behaviour_version
    from accounts
    cross join limit_version
    left join measuring_versions on accounts.account_id = measuring_versions.account_id
),

-- and what it meets when
final as (
    select
        measured.account_id,
        measured.behaviour_version,
        {{ row_text(['measured.behaviour_version', 'attribute_versions.version']) }} as version
    from measured
    left join attribute_versions on measured.account_id = attribute_versions.account_id
)

select * from final
