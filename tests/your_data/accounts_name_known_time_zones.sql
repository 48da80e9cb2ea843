{%- set query %}
select concat('Account ''', account_id, ''' is in the unknown time zone ''', time_zone, '''. Its days are those of ',
    local_time_zone, ' (pql_time_zone).') as message
from {{ ref('pql_warehouse', 'stg_product__accounts') }}
where is_time_zone_unknown
{%- endset %}

{{- warn_about(query) }}
