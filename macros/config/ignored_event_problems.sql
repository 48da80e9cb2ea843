{# Every problem of pql_ignored_events. #}
{% macro ignored_event_problems(config) %}
    {% set rules = config.pql_ignored_events %}
    {% if rules is none or rules == [] %}{% do return([]) %}{% endif %}
    {% if not is_list(rules) %}
        {% do return(['pql_ignored_events: must be a list of rules such as {user_email_domains: [example.com]}, ' ~ got(rules)]) %}
    {% endif %}
    {% set problems = [] %}
    {% for rule in rules %}
        {% set address = 'pql_ignored_events[' ~ loop.index0 ~ ']' %}
        {% if rule is not mapping or not rule | length %}
            {% do problems.append(address ~ ': must be a mapping of at least one of ' ~ ignored_event_keys() | join(', ') ~ '; ' ~ got(rule)) %}
        {% else %}
            {% do problems.extend(mapping_faults(rule, ignored_event_keys(), {}, address ~ ': ')) %}
        {% endif %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}

{% macro ignored_event_keys() %}
    {% do return({
        'events': {'is': 'texts'},
        'where': {'is': 'property_values'},
        'where_not': {'is': 'property_values'},
        'user_ids': {'is': 'ids'},
        'account_ids': {'is': 'ids'},
        'user_email_domains': {'is': 'email_domains'},
    }) %}
{% endmacro %}

{# Ids may be whole numbers, but not beside texts: 007 among them would be another. #}
{% macro value_faults__ids(value, rule, names) %}
    {% if is_list(value) and value | length and value | select('integer') | reject('boolean') | list | length == value | length %}
        {% do return([]) %}
    {% endif %}
    {% do return(value_faults__texts(value, rule, names)) %}
{% endmacro %}

{% macro value_faults__email_domains(value, rule, names) %}
    {% set faults = value_faults__texts(value, rule, names) %}
    {% for item in value if not faults and not modules.re.fullmatch('[^@\\s/:]+[.][^@\\s/:.]+', item) %}
        {% do faults.append('must be domains such as example.com, as they stand after the @, ' ~ got(item)) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}
