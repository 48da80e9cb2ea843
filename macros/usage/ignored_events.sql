{#
    The rules of pql_ignored_events as written: an event that fits all keys of one counts for nothing. A malformed one
    stops here while dbt parses.
#}
{% macro ignored_event_rules() %}
    {% set raw = pql_raw_config() %}
    {% do note_settings(['pql_ignored_events']) %}
    {% if not execute and ignored_event_problems(raw) %}{% do check_pql_config() %}{% endif %}
    {% do return(raw.pql_ignored_events or []) %}
{% endmacro %}

{# What the rules read of an event besides its user and account: a list of columns. #}
{% macro columns_of_ignored_event_rules() %}
    {% set columns, rules = [], ignored_event_rules() %}
    {% if rules %}{% do columns.append('event_name') %}{% endif %}
    {% if rules | selectattr('where', 'defined') | list or rules | selectattr('where_not', 'defined') | list %}{% do columns.append('properties') %}{% endif %}
    {% do return(columns) %}
{% endmacro %}

{# The domains of users' e-mail addresses that rules name. #}
{% macro ignored_email_domains() %}
    {% set domains = [] %}
    {% for rule in ignored_event_rules() %}{% do domains.extend(rule.user_email_domains or []) %}{% endfor %}
    {% do return(domains | map('lower') | unique | list) %}
{% endmacro %}

{# The number of the first rule that an event fits, null where it fits none. `columns` names where the rules look. #}
{% macro ignored_by(columns) -%}
{%- set rules = ignored_event_rules() -%}
{%- if not rules -%}
cast(null as integer)
{%- else -%}
case
    {%- for rule in rules %}
    when {{ fits_rule(rule, columns) }} then {{ loop.index }}
    {%- endfor %}
end
{%- endif -%}
{%- endmacro %}

{% macro fits_rule(rule, columns) -%}
{%- set conditions = [] -%}
{%- for key, column in {'events': columns.event_name, 'user_ids': columns.user_id, 'account_ids': columns.account_id}.items() if rule[key] -%}
    {%- do conditions.append(column ~ ' in (' ~ text_literals(rule[key]) ~ ')') -%}
{%- endfor -%}
{%- if rule.user_email_domains -%}
    {%- do conditions.append(columns.email_domain ~ ' in (' ~ text_literals(rule.user_email_domains | map('lower')) ~ ')') -%}
{%- endif -%}
{%- for property, wanted in (rule.where or {}).items() -%}
    {%- do conditions.append(has_value(json_text(columns.properties, property), wanted)) -%}
{%- endfor -%}
{%- for property, unwanted in (rule.where_not or {}).items() -%}
    {%- do conditions.append('not coalesce(' ~ has_value(json_text(columns.properties, property), unwanted) ~ ', false)') -%}
{%- endfor -%}
{{ conditions | join(' and ') }}
{%- endmacro %}
