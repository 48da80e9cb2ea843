{# The attributes that `pql_mart_attributes` asks for: [{name, type, column}], the column's name in lower case. #}
{% macro mart_attributes() %}
    {% set found = [] %}
    {% for item in crm_setting('pql_mart_attributes') or [] %}
        {% set attribute = {'name': item, 'type': 'text'} if item is string else dict({'type': 'text'}, **item) %}
        {% do found.append(dict(attribute, column=mart_attribute_column(attribute.name))) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{# So long that `pql_current_…` is a name of a field for Salesforce, which takes 40 characters before `__c`. #}
{% macro mart_attribute_column(name) %}
    {% do return(modules.re.sub('[^a-z0-9]+', '_', name | lower | trim).strip('_')[:28].strip('_')) %}
{% endmacro %}

{# A list of names, or of {name, type}, that give columns of different names that the mart does not have yet. #}
{% macro value_faults__mart_attributes(value, rule, names) %}
    {% if not is_list(value) %}{% do return(['must be a list such as [industry, {name: employees, type: number}], ' ~ got(value)]) %}{% endif %}
    {% set faults, columns, types = [], [], ['text', 'number', 'date'] %}
    {% for item in value %}
        {% set name = item.name if item is mapping else item %}
        {% set at = 'item ' ~ loop.index ~ ' ' %}
        {% if not is_text(name) %}
            {% do faults.append(at ~ 'must be an attribute or {name, type}, ' ~ got(item)) %}
        {% elif item is mapping and (item | reject('in', ['name', 'type']) | list or item.type | default('text') not in types) %}
            {% do faults.append(at ~ 'has the keys name and type, which is one of ' ~ types | join(', ') ~ ', ' ~ got(item)) %}
        {% else %}
            {% set column = mart_attribute_column(name) %}
            {% if not column or column in columns + ['plan', 'tier', 'score', 'criteria_met', 'reason_code', 'qualified_at', 'qualified_on', 'touch_at'] %}
                {% do faults.append(at ~ "would be the column 'current_" ~ column ~ "', which is there already; leave it out") %}
            {% endif %}
            {% do columns.append(column) %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{# One attribute's value in its type, of an account's rows in `attributes`. #}
{% macro attribute_value(name, type='text') -%}
{%- set value = 'max(case when attributes.attribute = ' ~ text_literal(name) ~ ' then attributes.value end)' -%}
{%- if type == 'number' -%}
cast({{ text_to_number(value) }} as {{ type_measure() }})
{%- elif type == 'date' -%}
cast({{ text_to_timestamp(value) }} as date)
{%- else -%}
{{ value }}
{%- endif -%}
{%- endmacro %}

{# What the chosen attributes of each account are at the as-of. #}
{% macro current_attributes(attributes, as_of) -%}
select attributes.account_id{{ attribute_columns('current') }}
from {{ attributes }} as attributes
cross join {{ as_of }} as as_of
where as_of.as_of >= attributes.valid_from and as_of.as_of < attributes.valid_to
group by attributes.account_id
{%- endmacro %}

{# The chosen attributes as further columns: `{prefix}_{column}` from `attributes`, or the same taken from `table`. #}
{% macro attribute_columns(prefix, table=none) -%}
{%- for attribute in mart_attributes() -%}
, {{ table ~ '.' ~ prefix ~ '_' ~ attribute.column if table else attribute_value(attribute.name, attribute.type) ~ ' as ' ~ prefix ~ '_' ~ attribute.column }}
{%- endfor -%}
{%- endmacro %}

{# The criteria of a `;` list that the primary definition rests on, each in words with its threshold. #}
{% macro reason_at_start(list) -%}
{%- set config = pql_config() -%}
{%- set by_name = criteria_by_name(config) -%}
{%- set words -%}
concat(''
    {%- for name in wanted_leaves(config.definitions[0].qualifies_when, by_name) %}
    {%- set least = {'{value}': 'at least ' ~ by_name[name].threshold, '{percent}': 'at least ' ~ (by_name[name].threshold * 100) | round | int ~ '%'} %}
    {%- set reason = reason_form(criterion_reason(by_name[name]), 1 if by_name[name].threshold == 1 else 2) %}
    {%- set reason = reason | replace('{value}', least['{value}']) | replace('{percent}', least['{percent}']) %},
    case when {{ list_holds(list, text_literal(name)) }} then {{ text_literal(', ' ~ reason) }} else '' end
    {%- endfor %}
)
{%- endset -%}
nullif({{ trim_start(words, ', ') }}, '')
{%- endmacro %}
