{%- set query %}
select concat('Account ''', conversions.account_id, ''' has a conversion but is not in accounts.') as message
from (select distinct account_id from {{ ref('stg_billing__conversions') }}) as conversions
left join {{ ref('stg_product__accounts') }} as accounts on conversions.account_id = accounts.account_id
where accounts.account_id is null
{%- endset %}

{{- warn_about(query) }}
