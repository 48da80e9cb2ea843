{# Every problem of a configuration, each with address, fault, allowed values and hint. Pure: it reads nothing else. #}
{% macro pql_config_problems(config) %}
    {% set problems = setting_problems(config) + crm_setting_problems(config) + ignored_event_problems(config) + source_problems(config) %}
    {% set criteria = config.pql_criteria %}
    {% set definitions = config.pql_definitions %}
    {% if not is_list(criteria) or not criteria | length %}
        {% do problems.append('pql_criteria: must be a list of at least one criterion, ' ~ got(criteria)) %}
        {% set criteria = [] %}
    {% endif %}
    {% if not is_list(definitions) or not definitions | length %}
        {% do problems.append('pql_definitions: must be a list of at least one definition, ' ~ got(definitions)) %}
        {% set definitions = [] %}
    {% endif %}
    {% set names = {} %}
    {% for criterion in criteria if criterion is mapping and criterion.name is string %}
        {% do names.update({criterion.name: criterion.type}) %}
    {% endfor %}
    {% set taken, types = [], criterion_types() %}
    {% for criterion in criteria %}
        {% set address = 'pql_criteria[' ~ loop.index0 ~ ']' %}
        {% do problems.extend(criterion_problems(criterion, names, types, address) + name_problems(criterion, taken, address)) %}
    {% endfor %}
    {% for definition in definitions %}
        {% set address = 'pql_definitions[' ~ loop.index0 ~ ']' %}
        {% do problems.extend(definition_problems(definition, names, types, address) + name_problems(definition, taken, address)) %}
    {% endfor %}
    {% do problems.extend(cycle_problems(criteria)) %}
    {% do return(problems) %}
{% endmacro %}

{% macro setting_problems(config) %}
    {% set problems = [] %}
    {% for name in ['pql_as_of', 'pql_conversions_as_of'] %}
        {% if config[name] is not none and not is_moment(config[name] | string | trim) %}
            {% do problems.append(name ~ ': must be a date or a UTC timestamp such as 2026-06-30 or 2026-06-30 12:00:00, ' ~ got(config[name] | string)) %}
        {% endif %}
    {% endfor %}
    {% for fault in value_faults__time_zone(config.pql_time_zone, {}, {}) %}
        {% do problems.append('pql_time_zone: ' ~ fault) %}
    {% endfor %}
    {% for fault in value_faults__choice(config.pql_conversions_from, {'of': ['seed', 'source']}, {}) %}
        {% do problems.append('pql_conversions_from: ' ~ fault) %}
    {% endfor %}
    {% if config.pql_file_encoding | string | lower not in file_encodings() %}
        {% do problems.append('pql_file_encoding: must be one of ' ~ file_encodings() | join(', ') ~ ', ' ~ got(config.pql_file_encoding)
            ~ '. Convert other files, e.g. `iconv -f windows-1250 -t utf-8`') %}
    {% endif %}
    {% for name in ['pql_placeholder_ids', 'pql_fixed_attributes', 'pql_own_macros'] %}
        {% for fault in value_faults__texts_or_none(config[name], {}, {}) %}
            {% do problems.append(name ~ ': ' ~ fault) %}
        {% endfor %}
    {% endfor %}
    {% for name in ['pql_horizon_days', 'pql_look_back_days', 'pql_duplicates_within_days'] %}
        {% for fault in value_faults__horizon(config[name], {}, {}) %}
            {% do problems.append(name ~ ': ' ~ fault) %}
        {% endfor %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}

{% macro criterion_problems(criterion, names, types, address) %}
    {% if criterion is not mapping %}
        {% do return([address ~ ': must be a mapping {name, type, …}, ' ~ got(criterion)]) %}
    {% endif %}
    {% set address = address ~ " '" ~ criterion.name ~ "': " %}
    {% if criterion.type not in types %}
        {% do return([address ~ ("unknown type '" ~ criterion.type ~ "'" if criterion.type else "'type' is missing")
            ~ '. Known types: ' ~ types | join(', ')]) %}
    {% endif %}
    {% set spec = criterion_spec(criterion.type) %}
    {% for rule in spec.options.values() if rule['is'] == 'window' %}{% do rule.update({'windows': spec.windows}) %}{% endfor %}
    {% set problems = mapping_faults(criterion, spec.options, names, address) %}
    {% if not problems %}
        {% for fault in criterion_macro(criterion.type, 'faults')(criterion) %}
            {% do problems.append(address ~ fault) %}
        {% endfor %}
    {% endif %}
    {% do return(problems) %}
{% endmacro %}

{% macro definition_problems(definition, names, types, address) %}
    {% if definition is not mapping %}
        {% do return([address ~ ': must be a mapping {name, qualifies_when, …}, ' ~ got(definition)]) %}
    {% endif %}
    {% set address = address ~ " '" ~ definition.name ~ "': " %}
    {% set problems = mapping_faults(definition, definition_keys(), names, address) %}
    {% if definition.score is string and definition.score in names and 'points' not in (criterion_spec(names[definition.score]).options if names[definition.score] in types else ['points']) %}
        {% do problems.append(address ~ "'score' must name a criterion that adds up points, '" ~ definition.score ~ "' is of type '" ~ names[definition.score] ~ "'") %}
    {% endif %}
    {% do return(problems) %}
{% endmacro %}

{# A name must be unique across criteria and definitions. #}
{% macro name_problems(entry, taken, address) %}
    {% if entry is not mapping or entry.name is not string %}{% do return([]) %}{% endif %}
    {% if entry.name in taken %}
        {% do return([address ~ " '" ~ entry.name ~ "': the name is taken; names are unique across criteria and definitions"]) %}
    {% endif %}
    {% do taken.append(entry.name) %}
    {% do return([]) %}
{% endmacro %}

{# The criteria that a criterion is made of. #}
{% macro criterion_members(criterion) %}
    {% set members = criterion.criteria if is_list(criterion.criteria) else criterion.points if criterion.points is mapping else [] %}
    {% do return(members | select('string') | list) %}
{% endmacro %}

{# How many layers of combinations lie below each criterion; criteria in a cycle have no level. #}
{% macro criterion_levels(criteria) %}
    {% set levels = {} %}
    {% set written = criteria | select('mapping') | selectattr('name', 'string') | list %}
    {% set names = written | map(attribute='name') | list %}
    {% for round in written if levels | length < written | length %}
        {% for criterion in written if criterion.name not in levels %}
            {% set members = criterion_members(criterion) | select('in', names) | list if criterion.criteria or criterion.points else [] %}
            {% if members | reject('in', levels) | list | length == 0 %}
                {% set below = [-1] %}
                {% for member in members %}{% do below.append(levels[member]) %}{% endfor %}
                {% do levels.update({criterion.name: below | max + 1}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(levels) %}
{% endmacro %}

{% macro cycle_problems(criteria) %}
    {% set levels = criterion_levels(criteria) %}
    {% set stuck = [] %}
    {% for criterion in criteria if criterion is mapping and criterion.name is string and criterion.name not in levels %}
        {% do stuck.append(criterion.name) %}
    {% endfor %}
    {% if not stuck %}{% do return([]) %}{% endif %}
    {% do return(['pql_criteria: a cycle, these criteria need one another: ' ~ stuck | join(', ') ~ '. Take one reference out.']) %}
{% endmacro %}
