{#
    The first local day that a change at a moment counts for: the first that starts at or after it, or the day of
    sign-up, where it came before sign-up.
#}
{% macro day_known(moment, accounts) -%}
case
    when {{ moment }} <= {{ accounts }}.signed_up_at then {{ accounts }}.signed_up_on
    else {{ add_days(local_date(just_before(moment), accounts ~ '.local_time_zone'), 1) }}
end
{%- endmacro %}

{# The attributes that give a limit by the day. #}
{% macro attributes_of_limits() %}
    {% do return(pql_criteria() | selectattr('reads_attribute_by_day') | map(attribute='attribute') | list) %}
{% endmacro %}

{# The attributes that billing months are counted from. #}
{% macro attributes_of_billing() %}
    {% set names = [] %}
    {% for ask in asks_of(pql_criteria('behaviour')) if ask.window.billing %}{% do names.append(ask.window.billing) %}{% endfor %}
    {% do return(names) %}
{% endmacro %}

{# The attributes that decide how behaviour is measured. #}
{% macro attributes_that_measure() %}
    {% do return((attributes_of_limits() + attributes_of_billing()) | unique(case_sensitive=true) | list) %}
{% endmacro %}

{# The date that an account's billing months are counted from: the first that an attribute has had. #}
{% macro billing_dates(inputs) -%}
{%- set names = attributes_of_billing() -%}
select
    dates.account_id,
    dates.attribute,
    {{ day_of_month('dates.local_date') }} as billing_day,
    {{ day_known('dates.valid_from', 'accounts') }} as known_on
from (
    select
        *,
        row_number() over (partition by account_id, attribute order by valid_from) as date_rank
    from {{ inputs.attribute_dates }}
    where local_date is not null
        and attribute in ({{ text_literals(names or ['']) }})
) as dates
inner join {{ inputs.accounts }} as accounts on dates.account_id = accounts.account_id
where dates.date_rank = 1
    and accounts.signed_up_at is not null
{%- endmacro %}
