{# The attributes of people that `pql_contact_attributes` names, columns of the input users: [{name, column}]. #}
{% macro contact_attributes() %}
    {% set found = [] %}
    {% for name in crm_setting('pql_contact_attributes') or [] %}
        {% do found.append({'name': name, 'column': mart_attribute_column(name)}) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{# Them as further columns of the input; one that it does not have is null. #}
{% macro contact_attribute_columns(found) %}
    {% set columns = [] %}
    {% for attribute in contact_attributes() %}
        {% do columns.append(raw_text(found, attribute.name | lower) ~ ' as attribute_' ~ attribute.column) %}
    {% endfor %}
    {% do return(columns) %}
{% endmacro %}

{# A list of names that give columns of different names that these tables do not have yet. #}
{% macro value_faults__contact_attributes(value, rule, names) %}
    {% if not is_list(value) %}{% do return(['must be a list such as [role, title], or [] for none, ' ~ got(value)]) %}{% endif %}
    {% set faults, columns = [], [] %}
    {% for field in fromyaml(crm_contact_fields_yaml()) + fromyaml(crm_nudge_fields_yaml()) + crm_version_fields() %}{% do columns.append(field.name) %}{% endfor %}
    {% for name in value %}
        {% set at, column = 'item ' ~ loop.index ~ ' ', mart_attribute_column(name) if is_text(name) else none %}
        {% if not is_text(name) %}
            {% do faults.append(at ~ 'must be a column of the input users, ' ~ got(name)) %}
        {% elif column == 'email' %}
            {% do faults.append(at ~ 'is the e-mail address, which `pql_crm_contact_emails: true` switches on; leave it out') %}
        {% elif not modules.re.match('[a-z]', column) or column in columns %}
            {% do faults.append(at ~ "would be the column '" ~ column ~ "', which is there already or is no name of a column; leave it out") %}
        {% endif %}
        {% do columns.append(column) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}
