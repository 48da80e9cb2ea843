{#
    The one reader of the configuration, with all defaults filled: {'criteria': […], 'definitions': […], 'settings': {…}}.
    While dbt parses, a model only says what it refers to, and no criterion changes that: then plain ones stand in.
#}
{% macro pql_config() %}
    {% set raw, known = pql_raw_config(), memo('config') %}
    {% if not execute %}
        {% do note_settings(['pql_criteria', 'pql_definitions', 'pql_horizon_days', 'pql_time_zone']) %}
        {% if setting_problems(raw) + crm_setting_problems(raw) %}{% do check_pql_config() %}{% endif %}
        {% do raw.update({
            'pql_criteria': [{'name': 'any_event', 'type': 'event_count', 'at_least': 1}],
            'pql_definitions': [{'name': 'any_use', 'qualifies_when': 'any_event'}],
        }) %}
    {% endif %}
    {% set written = raw | string %}
    {% if written not in known %}{% do known.update({written: pql_checked_config(raw)}) %}{% endif %}
    {% do return(known[written]) %}
{% endmacro %}

{# Whether a run builds or tests anything of this project; while dbt parses, it is not known yet. #}
{% macro concerns_us() %}
    {% if not execute %}{% do return(true) %}{% endif %}
    {% for id in selected_resources if id.split('.')[1] == 'pql_warehouse' and id.split('.')[0] != 'source' %}{% do return(true) %}{% endfor %}
    {% do return(false) %}
{% endmacro %}

{#
    Settings that a model reads, kept with it in the manifest as a hash, so that dbt's `state:modified` finds it when they
    change. dbt compares the text of a `config(…)` in a model, but what a macro gave: see `configured`.
#}
{% macro note_settings(names) %}
    {% if execute %}{% do return('') %}{% endif %}
    {% set raw, noted = pql_raw_config(), {} %}
    {% for name in names %}{% do noted.update({name: local_md5(raw[name] | string)}) %}{% endfor %}
    {% do config(meta=noted) %}
{% endmacro %}

{# The `config` of a model that reads settings: compared as it is, together with them. #}
{% macro configured() %}{{ config(**kwargs) }}{% endmacro %}

{# The sources of one kind, with the defaults of their adapters; a list left out is the plain input of that name. #}
{% macro pql_sources(variable) %}
    {% set raw = pql_raw_config() %}
    {% do note_settings([variable]) %}
    {% if not execute and source_list_problems(raw, variable) %}{% do check_pql_config() %}{% endif %}
    {% set is_seed = variable == 'pql_conversion_sources' and raw.pql_conversions_from == 'seed' and not input_model('conversions') %}
    {% set plain = {'name': source_kinds()[variable].input, 'adapter': 'seed' if is_seed else 'canonical'} %}
    {% do return(checked_sources(variable, raw[variable] or [plain])) %}
{% endmacro %}

{#
    Raises every problem of the configuration at once. The project's on-run-start calls it, so that it is asked once in
    every parse and every run that concerns us. Neither the warehouse nor the clock is asked.
#}
{% macro check_pql_config() %}
    {% if execute and not concerns_us() %}{% do return('') %}{% endif %}
    {% if execute %}{% do warn_of_namesakes() %}{% endif %}
    {% set problems = unknown_variable_problems() + pql_config_problems(pql_raw_config()) %}
    {% if problems %}
        {% do stop(
            ('vars.yml' if project_name == 'pql_warehouse' else 'variables of ' ~ project_name) ~ ': the PQL configuration has ' ~ problems | length ~ ' problem(s)\n  - ' ~ problems | join('\n  - ')
        ) %}
    {% endif %}
{% endmacro %}

{# The configuration as written. #}
{% macro pql_raw_config() %}
    {% do refuse_other_engines() %}
    {% set raw = {
        'pql_criteria': var('pql_criteria', none),
        'pql_definitions': var('pql_definitions', none),
        'pql_as_of': var('pql_as_of', none),
        'pql_conversions_as_of': var('pql_conversions_as_of', none),
        'pql_time_zone': var('pql_time_zone', 'UTC'),
        'pql_conversions_from': var('pql_conversions_from', 'seed'),
        'pql_horizon_days': var('pql_horizon_days', 30),
        'pql_look_back_days': var('pql_look_back_days', 'none'),
        'pql_duplicates_within_days': var('pql_duplicates_within_days', 'none'),
        'pql_input_models': var('pql_input_models', none),
        'pql_ignored_events': var('pql_ignored_events', none),
        'pql_fixed_attributes': var('pql_fixed_attributes', []),
        'pql_own_macros': var('pql_own_macros', []),
        'pql_file_encoding': var('pql_file_encoding', 'utf-8'),
        'pql_placeholder_ids': var('pql_placeholder_ids', ['undefined', 'null', 'none', 'nan', 'nil', '(null)', '[object object]']),
    } %}
    {% for name in source_kinds() %}{% do raw.update({name: var(name, none)}) %}{% endfor %}
    {% for name, rule in crm_settings().items() %}{% do raw.update({name: var(name, rule.default)}) %}{% endfor %}
    {% do return(with_dates_as_text(raw) if 'datetime.date(' in raw | string else raw) %}
{% endmacro %}

{# YAML reads 2026-03-01 as a date. Where all values to compare with are dates, their text is meant; among texts one is a fault. #}
{% macro with_dates_as_text(value, is_compared=false) %}
    {% set changed = [] %}
    {% if value is mapping %}
        {% for key, item in value.items() %}
            {% do changed.append([key, with_dates_as_text(item, is_compared or key in ['where', 'where_not', 'in', 'not_in'])]) %}
        {% endfor %}
        {% do return(dict(changed)) %}
    {% elif is_list(value) %}
        {% set others = [] %}
        {% for item in value %}
            {% do changed.append(item if is_day(item) else with_dates_as_text(item, is_compared)) %}
            {% if not is_day(item) %}{% do others.append(item) %}{% endif %}
        {% endfor %}
        {% do return(value | map('string') | list if is_compared and not others else changed) %}
    {% endif %}
    {% do return(value | string if is_compared and is_day(value) else value) %}
{% endmacro %}

{% macro is_day(value) %}{% do return(value is not string and value.isoformat is defined and value.hour is not defined) %}{% endmacro %}

{# A checked copy with defaults filled, criteria in the order written. #}
{% macro pql_checked_config(raw) %}
    {% set levels = criterion_levels(raw.pql_criteria) %}
    {% set criteria = [] %}
    {% for written in raw.pql_criteria %}
        {% set spec = criterion_macro(written.type, 'spec')() %}
        {% set criterion = {'lapse_after_days': 1, 'window': 'lifetime'} %}
        {% for key, rule in (spec.options or {}).items() if 'default' in rule %}
            {% do criterion.update({key: rule.default}) %}
        {% endfor %}
        {% do criterion.update(written) %}
        {% do criterion.update({'kind': spec.kind, 'position': loop.index, 'level': levels[written.name]}) %}
        {% do criterion.update(criterion_macro(written.type, 'settings')(criterion)) %}
        {% do criterion.update({'threshold': criterion.threshold | default(criterion.at_least)}) %}
        {% do criterion.update({'reach': criterion.reach | default(criterion.threshold)}) %}
        {% do criterion.update({'looks_back_days': criterion.looks_back_days | default(looks_back_days(criterion.window))}) %}
        {% do criteria.append(criterion) %}
    {% endfor %}
    {% set definitions = [] %}
    {% for written in raw.pql_definitions %}
        {% set definition = {'audience': 'unconverted', 'excluded_when': [], 'tiers': [], 'position': loop.index} %}
        {% do definition.update(written) %}
        {% do definitions.append(definition) %}
    {% endfor %}
    {% do return({'criteria': criteria, 'definitions': definitions, 'settings': raw}) %}
{% endmacro %}

{# How many days a measure remembers; none where it remembers all of them. A type may say otherwise in its settings. #}
{% macro looks_back_days(window) %}
    {% do return(window.last_days or {'week': 7, 'month': 31}[window.calendar] or (31 if window.billing) or none) %}
{% endmacro %}

{# Criteria of one kind: behaviour, interval or combination. #}
{% macro pql_criteria(kind=none) %}
    {% set criteria = pql_config().criteria %}
    {% do return(criteria | selectattr('kind', 'equalto', kind) | list if kind else criteria) %}
{% endmacro %}

{# The criteria of a configuration by their names. #}
{% macro criteria_by_name(config) %}
    {% set found = {} %}
    {% for criterion in config.criteria %}{% do found.update({criterion.name: criterion}) %}{% endfor %}
    {% do return(found) %}
{% endmacro %}

{# A hash of everything that decides who is a PQL. What is left out adds nothing to it. #}
{% macro pql_rules_version() %}
    {% set settings = pql_config().settings %}
    {% set rules = [settings.pql_criteria, settings.pql_definitions, settings.pql_time_zone, settings.pql_event_sources] %}
    {% if settings.pql_ignored_events %}{% do rules.append(settings.pql_ignored_events) %}{% endif %}
    {% do return(local_md5(tojson(rules, sort_keys=true))) %}
{% endmacro %}
