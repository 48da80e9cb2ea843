{# The one account that each domain means, (domain, account_id), from a table of accounts' domains; free mail means none. #}
{% macro accounts_of_domains(found) -%}
{%- set account_id = successor_of('domains.account_id', 'account') -%}
select domains.domain, min({{ account_id }}) as account_id
from {{ found }} as domains
{{ successor_join('domains.account_id', 'account') }}
where domains.domain is not null and not domains.is_free_mail
group by domains.domain
having count(distinct {{ account_id }}) = 1
{%- endmacro %}
