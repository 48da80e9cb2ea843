-- depends_on: {{ ref('conversions') }}
{%- set is_source = var('pql_conversions_from', 'seed') == 'source' %}
{%- set found = product_input('conversions') if is_source else seed_input(ref('conversions')) %}

with source as (
    {{ raw_input('conversions', found) | indent(4) }}
),

final as (
    select
        account_id,
        converted_at,
        plan,
        amount
    from source
    where
        account_id is not null
        and converted_at is not null
)

select * from final
