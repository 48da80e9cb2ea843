{# What is wrong with one configured value: a list of faults, empty where it is fine. `rule` is {'is': kind, …}. #}
{% macro value_faults(value, rule, names) %}
    {% do return(context['value_faults__' ~ rule['is']](value, rule, names)) %}
{% endmacro %}

{% macro is_number(value) %}
    {% do return(value is number and value is not boolean and value == value and -1e15 < value and value < 1e15) %}
{% endmacro %}

{% macro is_text(value) %}
    {% do return(value is string and value | trim | length > 0) %}
{% endmacro %}

{% macro is_scalar(value) %}
    {% do return(is_text(value) or value is boolean or is_number(value)) %}
{% endmacro %}

{% macro is_list(value) %}
    {% do return(value is defined and value is iterable and value is not string and value is not mapping) %}
{% endmacro %}

{# Whether text is a day that exists, or a moment of it. #}
{% macro is_moment(text) %}
    {% set day = '([1-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])' %}
    {% set time = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?( ?([Zz]|[+-][0-9]{2}:?[0-9]{2}))?' %}
    {% set found = modules.re.match('^' ~ day ~ '([ T]' ~ time ~ ')?$', text) %}
    {% if not found %}{% do return(false) %}{% endif %}
    {% set month = found.group(2) | int %}
    {% set first = modules.datetime.date(found.group(1) | int, month, 1) %}
    {% do return((first + modules.datetime.timedelta(days=found.group(3) | int - 1)).month == month) %}
{% endmacro %}

{# As JSON, in which a date that YAML has read, or another value that JSON does not know, stands as its text. #}
{% macro written(value) %}
    {% set parts = [] %}
    {% if value is mapping %}
        {% for key, item in value.items() %}{% do parts.append(written(key) ~ ': ' ~ written(item)) %}{% endfor %}
        {% do return('{' ~ parts | join(', ') ~ '}') %}
    {% elif is_list(value) %}
        {% for item in value %}{% do parts.append(written(item)) %}{% endfor %}
        {% do return('[' ~ parts | join(', ') ~ ']') %}
    {% endif %}
    {% do return(tojson(value) if value is none or value is string or value is number or value is boolean else value | string) %}
{% endmacro %}

{# A value as a reader of YAML would write it, and a hint where it looks like a number in quotes. #}
{% macro got(value) %}
    {% set quoted_number = value is string and modules.re.match('^-?[0-9.]+$', value) %}
    {% do return('got ' ~ (written(value) if value is not none else 'nothing')
        ~ (' (remove the quotes?)' if quoted_number else '')) %}
{% endmacro %}

{# The same, where a text was asked for: what YAML has read as something else is to be quoted. #}
{% macro got_no_text(value) %}
    {% if value is string or is_list(value) or value is mapping %}{% do return(got(value)) %}{% endif %}
    {% set read_as = 'an unquoted null or ~ as nothing' if value is none else 'unquoted yes, no, on and off as true or false' if value is boolean
        else 'it as ' ~ ('a number' if value is number else 'a date') %}
    {% do return(got(value) ~ ' (YAML reads ' ~ read_as ~ '; put a text in quotes)') %}
{% endmacro %}

{% macro value_faults__text(value, rule, names) %}
    {% do return([] if is_text(value) else ['must be text, ' ~ got_no_text(value)]) %}
{% endmacro %}

{% macro value_faults__identifier(value, rule, names) %}
    {% if value is string and modules.re.fullmatch('[a-z][a-z0-9_]{0,59}', value) %}{% do return([]) %}{% endif %}
    {% do return(['must be snake_case (a-z, 0-9, _; a letter first; at most 60), ' ~ got_no_text(value)]) %}
{% endmacro %}

{% macro value_faults__boolean(value, rule, names) %}
    {% do return([] if value is boolean else ['must be true or false, ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__number(value, rule, names) %}
    {% do return([] if is_number(value) else ['must be a number, ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__positive_number(value, rule, names) %}
    {% if is_number(value) and value >= 0.000001 %}{% do return([]) %}{% endif %}
    {% do return(['must be a number above 0, ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__positive_integer(value, rule, names) %}
    {% if is_number(value) and value is integer and value > 0 %}{% do return([]) %}{% endif %}
    {% do return(['must be a whole number above 0, ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__integer(value, rule, names) %}
    {% if is_number(value) and value is integer and -36500 <= value and value <= 36500 %}{% do return([]) %}{% endif %}
    {% do return(['must be a whole number of days from -36500 to 36500, ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__days(value, rule, names) %}
    {% set most = rule.at_most or 36500 %}
    {% if is_number(value) and value is integer and 0 < value and value <= most %}{% do return([]) %}{% endif %}
    {% do return(['must be a whole number of days from 1 to ' ~ most ~ ', ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__share(value, rule, names) %}
    {% if is_number(value) and 0 < value and value <= 1 %}{% do return([]) %}{% endif %}
    {% do return(['must be a number above 0 and at most 1 (0.25 for 25%), ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__horizon(value, rule, names) %}
    {% if value == 'none' or not value_faults__days(value, rule, names) %}{% do return([]) %}{% endif %}
    {% do return(["must be a whole number of days from 1 to 36500, or 'none', " ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__choice(value, rule, names) %}
    {% if value is string and value in rule['of'] %}{% do return([]) %}{% endif %}
    {% do return(['must be one of ' ~ rule['of'] | join(', ') ~ '; ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__texts(value, rule, names) %}
    {% if not is_list(value) or not value | length %}
        {% do return(['must be a list of at least one text, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for item in value %}
        {% if not is_text(item) %}{% do faults.append('item ' ~ loop.index ~ ' must be text, ' ~ got_no_text(item)) %}{% endif %}
    {% endfor %}
    {% if not faults and not rule.may_repeat and value | unique(case_sensitive=true) | list | length < value | length %}
        {% do faults.append('must not repeat an item, ' ~ got(value)) %}
    {% endif %}
    {% do return(faults) %}
{% endmacro %}

{# A list that may be empty, which switches off what it is for. #}
{% macro value_faults__texts_or_none(value, rule, names) %}
    {% if is_list(value) and not value | length %}{% do return([]) %}{% endif %}
    {% set faults = value_faults__texts(value, rule, names) %}
    {% do return(faults | map('replace', 'must be text, got nothing', "must be text, got nothing (put 'null' in quotes?)") | list) %}
{% endmacro %}

{# Values of one kind: among texts, YAML has read a value that is none as something that was not written. #}
{% macro value_faults__scalars(value, rule, names) %}
    {% if not is_list(value) or not value | length %}
        {% do return(['must be a list of at least one value, ' ~ got(value)]) %}
    {% endif %}
    {% set faults, kinds = [], [] %}
    {% for item in value %}
        {% do kinds.append('text' if item is string else 'boolean' if item is boolean else 'number') %}
        {% if not (is_scalar(item) or (item == '' and rule.may_be_empty)) %}
            {% do faults.append('item ' ~ loop.index ~ ' must be text, a number, true or false; ' ~ got_no_text(item)) %}
        {% endif %}
    {% endfor %}
    {% if not faults and kinds | unique | list | length > 1 %}
        {% for item in value %}
            {% if item is not string %}
                {% do faults.append('item ' ~ loop.index ~ ' must be of one kind with the others, ' ~ got_no_text(item)) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {% do return(faults) %}
{% endmacro %}

{% macro value_faults__property_values(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {property: value} or {property: [values]}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for property, wanted in value.items() %}
        {% if not is_text(property) %}{% do faults.append('a property must be text, ' ~ got_no_text(property)) %}{% endif %}
        {% for fault in value_faults__scalars(wanted if is_list(wanted) else [wanted], {'may_be_empty': true}, names) %}
            {% do faults.append("'" ~ property ~ "': " ~ fault) %}
        {% endfor %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{% macro value_faults__criterion(value, rule, names) %}
    {% if value is string and value in names %}
        {% if rule.of_type and names[value] != rule.of_type %}
            {% do return(["must name a criterion of type '" ~ rule.of_type ~ "', '" ~ value ~ "' is of type '" ~ names[value] ~ "'"]) %}
        {% endif %}
        {% do return([]) %}
    {% endif %}
    {% do return(['must name a criterion, ' ~ got_no_text(value) ~ '. Known criteria: ' ~ names | join(', ')]) %}
{% endmacro %}

{% macro value_faults__criteria(value, rule, names) %}
    {% set faults = value_faults__texts(value, {}, names) %}
    {% if not faults %}
        {% for item in value %}
            {% do faults.extend(value_faults__criterion(item, {}, names)) %}
        {% endfor %}
    {% endif %}
    {% do return(faults) %}
{% endmacro %}

{% macro value_faults__points(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {criterion: points}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for criterion, points in value.items() %}
        {% do faults.extend(value_faults__criterion(criterion, {}, names)) %}
        {% if not is_number(points) %}
            {% do faults.append("the points of '" ~ criterion ~ "' must be a number, " ~ got(points)) %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{% macro value_faults__window(value, rule, names) %}
    {% set shapes = {
        'lifetime': 'lifetime', 'last_days': '{last_days: N}', 'first_days': '{first_days: N}',
        'calendar': '{calendar: month} or {calendar: week}', 'billing': '{billing: ATTRIBUTE}',
    } %}
    {% set allowed = [] %}
    {% for window in rule.windows %}{% do allowed.append(shapes[window]) %}{% endfor %}
    {% set shape = value | first if value is mapping and value | length == 1 else value %}
    {% if shape is not string or shape not in rule.windows or (shape == 'lifetime') == (value is mapping) %}
        {% do return(['must be ' ~ allowed | join(', ') ~ '; ' ~ got(value)]) %}
    {% elif shape == 'calendar' %}
        {% do return(value_faults__choice(value.calendar, {'of': ['month', 'week']}, names)) %}
    {% elif shape == 'billing' %}
        {% do return(value_faults__text(value.billing, {}, names)) %}
    {% elif shape == 'lifetime' %}
        {% do return([]) %}
    {% endif %}
    {% do return(value_faults__days(value[shape], {}, names)) %}
{% endmacro %}

{# What another criterion type measures: {measure, events, where, where_not, property, window}. #}
{% macro value_faults__measure(value, rule, names) %}
    {% set types, own = measure_types(), {} %}
    {% if value is not mapping or value.measure not in types %}
        {% do return(['must be a mapping {measure, events, where, …} whose measure is one of ' ~ types | join(', ') ~ '; ' ~ got(value)]) %}
    {% endif %}
    {% for key, kind in behaviour_keys().items() if key in ['events', 'where', 'where_not', 'window'] %}{% do own.update({key: kind}) %}{% endfor %}
    {% set options = criterion_macro(value.measure, 'spec')().options or {} %}
    {% if options.property %}{% do own.update({'property': options.property}) %}{% endif %}
    {% do own.update({'measure': {'is': 'text'}, 'window': {'is': 'window', 'windows': rule.windows}}) %}
    {% do return(mapping_faults(value, own, names, '')) %}
{% endmacro %}

{% macro value_faults__tiers(value, rule, names) %}
    {% if not is_list(value) or not value | length %}
        {% do return(['must be a list of at least one {name, when}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults, seen = [], [] %}
    {% for tier in value %}
        {% set address = 'tier ' ~ loop.index ~ ': ' %}
        {% if tier is not mapping %}
            {% do faults.append(address ~ 'must be a mapping {name, when}, ' ~ got(tier)) %}
        {% else %}
            {% do faults.extend(mapping_faults(tier, {
                'name': {'is': 'identifier', 'required': true}, 'when': {'is': 'criterion', 'required': true}
            }, names, address)) %}
            {% if tier.name in seen %}{% do faults.append(address ~ "the name '" ~ tier.name ~ "' is taken") %}{% endif %}
            {% do seen.append(tier.name) %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{# Unknown, missing and faulty keys of one mapping, each with its address. #}
{% macro mapping_faults(mapping, rules, names, address) %}
    {% set faults = [] %}
    {% for key in mapping if key not in rules %}
        {% do faults.append(address ~ "unknown key '" ~ key ~ "'. Allowed: " ~ rules | join(', ')) %}
    {% endfor %}
    {% for key, rule in rules.items() %}
        {% if key in mapping %}
            {% for fault in value_faults(mapping[key], rule, names) %}
                {% do faults.append(address ~ "'" ~ key ~ "' " ~ fault) %}
            {% endfor %}
        {% elif rule.required %}
            {% do faults.append(address ~ "'" ~ key ~ "' is missing") %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}
