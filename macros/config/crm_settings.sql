{# The variables of the part that serves sales tools: what each must be, and its default. #}
{% macro crm_settings() %}
    {% do return({
        'pql_crm_enabled': {'is': 'boolean', 'default': true},
        'pql_crm_create_records': {'is': 'boolean', 'default': false},
        'pql_contact_within_hours': {'is': 'positive_integer', 'default': 24},
        'pql_feedback_cool_down_days': {'is': 'days', 'default': 90},
        'pql_holdout_share': {'is': 'holdout', 'default': 0},
        'pql_crm_email_ids': {'is': 'boolean', 'default': false},
        'pql_segment_attribute': {'is': 'text', 'default': 'plan'},
        'pql_mart_attributes': {'is': 'mart_attributes', 'default': []},
        'pql_app_url': {'is': 'url_template', 'default': ''},
    }) %}
{% endmacro %}

{% macro crm_setting(name) %}
    {% do return(pql_raw_config()[name]) %}
{% endmacro %}

{% macro crm_setting_problems(config) %}
    {% set problems = [] %}
    {% for name, rule in crm_settings().items() %}
        {% for fault in value_faults(config[name], rule, {}) %}
            {% do problems.append(name ~ ': ' ~ fault) %}
        {% endfor %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}

{% macro value_faults__holdout(value, rule, names) %}
    {% if is_number(value) and 0 <= value < 1 %}{% do return([]) %}{% endif %}
    {% do return(['must be a number from 0 (nobody is held out) to below 1 (0.1 for 10%), ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__url_template(value, rule, names) %}
    {% if value is string and modules.re.match('^$|^https?://[^ \'"<>]+\\Z', value) %}{% do return([]) %}{% endif %}
    {% do return(['must be a link such as https://app.example.com/accounts/{account_id}, or empty for none, ' ~ got(value)]) %}
{% endmacro %}
