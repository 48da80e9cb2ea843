{{ config(materialized='view') }}

with attributes as (
    select * from {{ ref('pql_warehouse', 'int_account_attributes') }}
),

accounts as (
    select * from {{ ref('pql_warehouse', 'int_accounts') }}
),

final as (
    select
        attributes.account_id,
        attributes.attribute,
        attributes.valid_from,
        attributes.valid_to,
        case
            when {{ is_date_text('attributes.value') }} then cast({{ text_to_timestamp('attributes.value') }} as date)
            else {{ local_date(text_to_moment('attributes.value'), 'accounts.local_time_zone') }}
        end as local_date
    from attributes
    inner join accounts on attributes.account_id = accounts.account_id
)

select * from final
