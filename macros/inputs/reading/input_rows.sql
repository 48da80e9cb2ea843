{#
    The raw rows of an input other than the events, those of every source one after the other. Of an account that
    several sources have, the one listed first decides.
#}
{% macro raw_rows(input) -%}
{%- for source in input_sources(input) %}
{{ 'union all' if not loop.first }}
{%- set found = source_rows(input, source) %}
{{ raw_input(input, found, further_columns(input, source, found, loop.index)) }}
{%- endfor %}
{%- endmacro %}

{# What is read of an input beside its declared columns. #}
{% macro further_columns(input, source, found, position) %}
    {% if input == 'accounts' %}
        {% do return([attributes_json(input, found) ~ ' as attributes', position ~ ' as source_position']) %}
    {% elif input == 'users' %}
        {% do return(contact_attribute_columns(found)) %}
    {% elif input in inputs_known_to_day() %}
        {% set moment = inputs_known_to_day()[input] %}
        {% do return(['coalesce(' ~ is_date_text(raw_text(found, moment)) ~ ', false) as is_known_to_day'] + fault_columns(input, found)) %}
    {% elif input in succession_inputs() %}
        {% do return([text_literal(source.name) ~ ' as source_name', row_key(input, found) ~ ' as row_key']) %}
    {% endif %}
    {% do return(fault_columns(input, found)) %}
{% endmacro %}

{# The inputs whose moment may be given as a date, which is some local day where the account is. #}
{% macro inputs_known_to_day() %}
    {% do return({'conversions': 'converted_at', 'subscription_ends': 'ended_at', 'lead_stages': 'entered_at'}) %}
{% endmacro %}

{# What an adapter itself finds wrong with a row: a reason, such as `several_accounts`. #}
{% macro fault_columns(input, found) %}
    {% do return([raw_text(found, 'adapter_fault') ~ ' as adapter_fault'] if input in inputs_with_faults() else []) %}
{% endmacro %}

{% macro inputs_with_faults() %}
    {% do return(['conversions', 'crm_pql_feedback', 'lead_stages']) %}
{% endmacro %}

{# The sources of an input: those of its list in vars.yml, else the one that it always has. #}
{% macro input_sources(input) %}
    {% for variable, kind in source_kinds().items() if kind.input == input %}
        {% do return(pql_sources(variable)) %}
    {% endfor %}
    {% do return([{'name': 'seeds/' ~ input ~ '.csv' if input in seed_inputs() and not input_model(input) else input}]) %}
{% endmacro %}

{% macro seed_inputs() %}
    {% do return(['plan_limits', 'crm_routing']) %}
{% endmacro %}

{# Where the rows of a source are: {'from': SQL, 'columns': {name: type}}, or none. #}
{% macro source_rows(input, source) %}
    {% if source.adapter %}
        {% set found = context[source_kinds()[source.variable].prefix ~ '__' ~ source.adapter](source) %}
        {% do return(with_amounts_judged(source, found) if found and input == 'conversions' else found) %}
    {% endif %}
    {% do return(seed_input(input) if input in seed_inputs() else product_input(input)) %}
{% endmacro %}

{# Payments, those of nothing with that as their fault. #}
{% macro with_amounts_judged(source, found) %}
    {% set nothing = 'case when not ' ~ is_more_than_nothing(source, found) ~ " then 'nothing_paid' end" %}
    {% do return(with_columns(found, {'adapter_fault': 'coalesce(' ~ field(found, 'adapter_fault') ~ ', ' ~ nothing ~ ')'})) %}
{% endmacro %}

{#
    Whether the amount of a payment is above 0. One that is no number, such as `€ 99`, is none where all its digits are 0.
    Where the adapter's spec has `negative_amounts`, one below 0 is what the user calls a first payment, such as one with a
    correction.
#}
{% macro is_more_than_nothing(source, found) -%}
{%- set text = field(found, 'amount') -%}
coalesce({{ field(found, 'amount', 'number') }} {{ '<>' if source.spec.negative_amounts else '>' }} 0, {{ text }} is null or translate({{ text }}, '123456789', '') <> {{ text }})
{%- endmacro %}

{# Why a row of an input is rejected, null where it is not. A value that cannot be read is missing. #}
{% macro row_fault(input) -%}
case
    {%- if input in inputs_with_faults() %}
    when adapter_fault is not null then adapter_fault
    {%- endif %}
    {%- for name, column in input_columns(input).items() if column.key %}
    when {{ name }} is null{{ ' and ' ~ host_of(column.or_by) ~ ' is null' if column.or_by }} then 'missing_{{ name }}'
    {%- endfor %}
    {%- if input == 'memberships' %}
    when left_at <= joined_at then 'left_before_joining'
    {%- endif %}
end
{%- endmacro %}

{# Whether a row of an input is read: it has its key, and belongs to nobody who asked to be forgotten. #}
{% macro is_read(input) -%}
{{ row_fault(input) }} is null and {{ is_of_nobody_forgotten(input) }}
{%- endmacro %}

{% macro is_of_nobody_forgotten(input) %}
    {% set owners = {} %}
    {% for name in id_columns(input) %}
        {% do owners.update({name: 'user' if name.endswith('user_id') else 'account'}) %}
    {% endfor %}
    {% do return(not_forgotten(owners) if owners else 'true') %}
{% endmacro %}

{# The inputs whose rows are judged one by one; events have tables of their own. #}
{% macro judged_inputs() %}
    {% set inputs = [
        'accounts', 'users', 'memberships', 'user_aliases', 'account_merges', 'account_changes', 'conversions', 'subscription_ends',
        'plan_limits', 'lead_stages', 'crm_pql_feedback', 'crm_routing',
    ] %}
    {% do return(inputs + (['crm_records'] if var('pql_crm_enabled', true) else [])) %}
{% endmacro %}

{# The inputs that say that an id is another one now. #}
{% macro succession_inputs() %}
    {% do return(['user_aliases', 'account_merges']) %}
{% endmacro %}

{# The rows of an input with what became of them; `row_key` is its key as it came, for people and for comparison. #}
{% macro judged_rows(input) -%}
{%- set names, or_by = input_columns(input) | list, (input_columns(input).account_id or {}).or_by -%}
{%- for source in input_sources(input) %}
{%- set found = source_rows(input, source) %}
{{ 'union all' if not loop.first }}
select
    {{ text_literal(input) }} as input_name,
    {{ text_literal(source.name) }} as source_name,
    {{ 'into_account_id' if 'into_account_id' in names else 'account_id' if 'account_id' in names else 'pql_account_id' if 'pql_account_id' in names else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as account_id,
    {{ 'case when account_id is null then ' ~ host_of(or_by) ~ ' end' if or_by else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as domain,
    row_key,
    {{ row_fault(input) | indent(4) }} as reason,
    unread_values
from (
    {{ raw_input(input, found, [row_key(input, found) ~ ' as row_key', unread_values(input, found) ~ ' as unread_values'] + fault_columns(input, found)) | indent(4) }}
) as {{ input }}_rows
where {{ is_of_nobody_forgotten(input) }}
{%- endfor %}
{%- endmacro %}

{#
    The key columns of a row as text, before them its own id where it has one: `account_id=acme, converted_at=31.12.2026`;
    with what stands in for a key that is missing.
#}
{% macro row_key(input, found) %}
    {% set parts = [] %}
    {% for name in key_columns(input, found) %}
        {% set column = input_columns(input)[name] %}
        {% do parts.append(text_literal((', ' if parts else '') ~ name ~ '=')) %}
        {% do parts.append('coalesce(' ~ raw_text(found, name) ~ ", '')") %}
        {% if column.or_by and found and input_column(found, column.or_by) %}
            {% set is_missing = input_value(found, name, column.type) ~ ' is null' %}
            {% do parts.append('case when ' ~ is_missing ~ ' then ' ~ dbt.concat(["', " ~ column.or_by ~ "='", 'coalesce(' ~ raw_text(found, column.or_by) ~ ", '')"]) ~ " else '' end") %}
        {% endif %}
    {% endfor %}
    {% do return(dbt.concat(parts)) %}
{% endmacro %}

{% macro key_columns(input, found) %}
    {% set id = {'conversions': 'conversion_id', 'subscription_ends': 'subscription_id'}[input] %}
    {% set names = [id] if id and found and input_column(found, id) else [] %}
    {% for name, column in input_columns(input).items() if column.key %}{% do names.append(name) %}{% endfor %}
    {% do return(names) %}
{% endmacro %}

{#
    Moments and numbers beside the key that are there and cannot be read, as they came: `closed_at=31.12.2026`. Words that
    stand for no id, such as `null` (`pql_placeholder_ids`), are nothing.
#}
{% macro unread_values(input, found) %}
    {% set parts = [] %}
    {% for name, column in input_columns(input).items() if column.type in ['timestamp', 'number'] and not column.key and found and input_column(found, name) %}
        {% set written = unless_blank(raw_text(found, name)) %}
        {% do parts.append("coalesce(case when " ~ input_value(found, name, column.type) ~ ' is null and ' ~ unless_placeholder(written) ~ ' is not null then '
            ~ dbt.concat([text_literal(' ' ~ name ~ '='), written]) ~ " end, '')") %}
    {% endfor %}
    {% do return('nullif(trim(' ~ (dbt.concat(parts) if parts | length > 1 else parts[0]) ~ "), '')" if parts else raw_text(none, 'unread_values')) %}
{% endmacro %}

{# Every source of every judged input, so that one that delivers nothing is still listed. #}
{% macro input_source_names() -%}
{%- for input in judged_inputs() %}
{%- set following = not loop.first %}
{%- for source in input_sources(input) %}
{{ 'union all' if following or not loop.first }}
select {{ text_literal(input) }} as input_name, {{ text_literal(source.name) }} as source_name
{%- endfor %}
{%- endfor %}
{%- endmacro %}
