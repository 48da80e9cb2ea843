{# The variables of the part that serves sales tools: what each must be, and its default. #}
{% macro crm_settings() %}
    {% do return({
        'pql_crm_enabled': {'is': 'boolean', 'default': true},
        'pql_crm_create_records': {'is': 'boolean', 'default': false},
        'pql_contact_within_hours': {'is': 'positive_integer', 'default': 24},
        'pql_feedback_cool_down_days': {'is': 'days', 'default': 90},
        'pql_holdout_share': {'is': 'holdout', 'default': 0},
        'pql_crm_email_ids': {'is': 'boolean', 'default': false},
        'pql_crm_contact_emails': {'is': 'boolean', 'default': false},
        'pql_contact_attributes': {'is': 'contact_attributes', 'default': ['role']},
        'pql_nudge_from': {'is': 'share', 'default': 0.6},
        'pql_segment_attribute': {'is': 'text', 'default': 'plan'},
        'pql_mart_attributes': {'is': 'mart_attributes', 'default': []},
        'pql_app_url': {'is': 'url_template', 'default': ''},
        'pql_owner': {'is': 'text', 'default': 'Growth'},
        'pql_exposures': {'is': 'exposures', 'default': none},
        'pql_free_mail_domains': {'is': 'domains', 'default': []},
    }) %}
{% endmacro %}

{% macro crm_setting(name) %}
    {% do note_settings([name]) %}
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

{% macro value_faults__domains(value, rule, names) %}
    {% if is_list(value) and not value | length %}{% do return([]) %}{% endif %}
    {% set faults = value_faults__texts(value, rule, names) %}
    {% for domain in value if not faults and not modules.re.fullmatch('[^\\s/@:]+[.][^\\s/@:.]+', domain) %}
        {% do faults.append('item ' ~ loop.index ~ ' must be a domain such as mail.example, ' ~ got(domain)) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{% macro value_faults__holdout(value, rule, names) %}
    {% if is_number(value) and 0 <= value and value < 1 %}{% do return([]) %}{% endif %}
    {% do return(['must be a number from 0 (nobody is held out) to below 1 (0.1 for 10%), ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__url_template(value, rule, names) %}
    {% if value is string and modules.re.fullmatch('|https?://[^ \'"<>]+', value) %}{% do return([]) %}{% endif %}
    {% do return(['must be a link such as https://app.example.com/accounts/{account_id}, or empty for none, ' ~ got(value)]) %}
{% endmacro %}

{# What others make of these tables, {dashboard, or a CRM: {label, owner, url}}; what is not named is nobody's. #}
{% macro value_faults__exposures(value, rule, names) %}
    {% if value is none %}{% do return([]) %}{% endif %}
    {% set known, faults = ['dashboard'] + crm_systems() | list, [] %}
    {% if value is not mapping %}{% do return(['must be a mapping {' ~ known | join(', or ') ~ ': {label, owner, url}}, ' ~ got(value)]) %}{% endif %}
    {% for key, said in value.items() %}
        {% if key not in known %}
            {% do faults.append("has an unknown key '" ~ key ~ "'. Allowed: " ~ known | join(', ')) %}
        {% elif said is not mapping %}
            {% do faults.append("'" ~ key ~ "' must be a mapping {label, owner, url}, or {}, " ~ got(said)) %}
        {% else %}
            {% do faults.extend(mapping_faults(said, {'label': {'is': 'text'}, 'owner': {'is': 'text'}, 'url': {'is': 'text'}}, {}, "'" ~ key ~ "': ")) %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}
