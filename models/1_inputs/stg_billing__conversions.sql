-- depends_on: {{ ref('pql_warehouse', 'int_as_of') }}
-- refunds and lost disputes are judged at the as-of
with source as (
    {{ raw_rows('conversions') | indent(4) }}
),

final as (
    select
        account_id,
        converted_at,
        is_known_to_day,
        conversion_id,
        plan,
        amount
    from source
    where {{ is_read('conversions') }}
)

select * from final
