-- depends_on: {{ ref('stg_product__accounts') }}
{%- set query %}
select concat('Account ''', account_id, ''' is listed ', cast(count(*) as {{ dbt.type_string() }}),
    ' times in accounts. The row with the earliest sign-up counts.') as message
from (
    {{ raw_input('accounts', product_input('accounts')) | indent(4) }}
) as listed
where account_id is not null
group by account_id
having count(*) > 1
{%- endset %}

{{- warn_about(query) }}
