{{ config(materialized='view') }}

with listed as (
    select * from {{ ref('pql_warehouse', 'stg_product__users') }}
),

-- a user of several ids is one that is listed several times
final as (
    {%- if kinds_succeeded() %}
    select
        {{ successor_of('listed.user_id', 'user') }} as user_id,
        min({{ bytewise(successor_of('listed.account_id', 'account')) }}) as account_id,
        min({{ bytewise('listed.email_domain') }}) as email_domain
    from listed
    {{ successor_join('listed.user_id', 'user') | indent(4) }}
    {{ successor_join('listed.account_id', 'account') | indent(4) }}
    group by {{ successor_of('listed.user_id', 'user') }}
    {%- else %}
    select * from listed
    {%- endif %}
)

select * from final
