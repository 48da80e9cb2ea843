{# What the adapters of payments share. #}

{# An amount in minor units of its currency by ISO 4217, in whole ones, as text; `exceptions` are a provider's own, {currency: units}. #}
{% macro whole_amount(amount, currency, exceptions={}) %}
    {% set amount = "(" ~ amount ~ ")" %}
    {% set units = {} %}
    {% for count, currencies in {
        1: ['bif', 'clp', 'djf', 'gnf', 'isk', 'jpy', 'kmf', 'krw', 'pyg', 'rwf', 'ugx', 'uyi', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'],
        1000: ['bhd', 'iqd', 'jod', 'kwd', 'lyd', 'omr', 'tnd'],
        10000: ['clf', 'uyw'],
    }.items() %}
        {% for name in currencies if name not in exceptions %}{% do units.setdefault(count, []).append(name) %}{% endfor %}
    {% endfor %}
    {% for name, count in exceptions.items() %}{% do units.setdefault(count, []).append(name) %}{% endfor %}
    {% set sql %}
cast(case
    {%- for count, names in units.items() if count != 100 %}
    when lower({{ currency }}) in ({{ text_literals(names) }}) then {{ amount }}{{ ' / ' ~ count if count > 1 }}
    {%- endfor %}
    else {{ amount }} / 100
end as {{ dbt.type_string() }})
    {% endset %}
    {% do return(sql | trim) %}
{% endmacro %}

{# The moment at which refunds are judged: what is taken back later has not happened yet. #}
{% macro refunds_as_of() %}
    {% do return('(select as_of from ' ~ ref('pql_warehouse', 'int_as_of') ~ ')') %}
{% endmacro %}

{# Whether something had been taken back by then; what bears no moment had. #}
{% macro had_come_back(moment) %}{% do return('coalesce(' ~ moment ~ ' <= ' ~ refunds_as_of() ~ ', true)') %}{% endmacro %}

{# A field that is a date, which some connectors deliver with a midnight. #}
{% macro day_text(text) -%}
case
    when {{ text }} like '____-__-__ 00:00%' or {{ text }} like '____-__-__T00:00%' then substr({{ text }}, 1, 10)
    else {{ text }}
end
{%- endmacro %}

{# Whether a flag of a row is set; a row without it is as `otherwise` says. #}
{% macro is_set(found, candidates, otherwise) %}
    {% do return(says_true('coalesce(' ~ field(found, candidates) ~ ', ' ~ text_literal(otherwise) ~ ')')) %}
{% endmacro %}
