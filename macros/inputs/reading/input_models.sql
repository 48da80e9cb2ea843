{#
    Models of the user's that stand for inputs, in our columns: `pql_input_models: {users: app_users, memberships:
    core.memberships}`. They are built first. An input that is put together from a list of sources has its `models:` there.
#}
{% macro input_model(input) %}
    {% set models = pql_raw_config().pql_input_models or {} %}
    {% do note_settings(['pql_input_models']) %}
    {% if not execute and input_model_problems(pql_raw_config()) %}{% do check_pql_config() %}{% endif %}
    {% do return(models[input]) %}
{% endmacro %}

{# A model, seed or snapshot of the user's: `model` of the project that is run, or `package.model`. #}
{% macro model_named(name) %}
    {% do return(ref(*(name if '.' in name else project_name ~ '.' ~ name).split('.'))) %}
{% endmacro %}

{# Where the rows of such a model are. One that is named but not built is a mistake, where a missing table may be none. #}
{% macro rows_of_model(input) %}
    {% set relation = model_named(input_model(input)) %}
    {% if not execute %}{% do return(none) %}{% endif %}
    {% set found = default__find_input(input, relation) %}
    {% if not found %}
        {% do stop(
            "pql_input_models: the model '" ~ input_model(input) ~ "', which stands for the input '" ~ input
            ~ "', is not built: there is no table or view " ~ relation ~ ".\n  hint:    `dbt run --select +pql_accounts` builds it first; an ephemeral model cannot be an input."
        ) %}
    {% endif %}
    {% do return(found) %}
{% endmacro %}

{% macro input_model_problems(config) %}
    {% set models, problems = config.pql_input_models, [] %}
    {% if models is none %}{% do return([]) %}{% endif %}
    {% for fault in value_faults__models(models, {'of': all_inputs() | list}, {}) %}
        {% do problems.append('pql_input_models: ' ~ fault) %}
    {% endfor %}
    {% for variable, kind in source_kinds().items() if models is mapping and kind.input in models and config[variable] is not none %}
        {% do problems.append("pql_input_models: '" ~ kind.input ~ "' has no effect beside " ~ variable
            ~ '. Take it out, or give a source there `models: {' ~ kind.input ~ ': ' ~ models[kind.input] ~ '}`') %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}

{# {table or input: model, or package.model}. #}
{% macro value_faults__models(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {' ~ (rule.key or 'input') ~ ': model}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults, name = [], '[A-Za-z0-9_$-]+' %}
    {% for key, model in value.items() %}
        {% if key not in rule['of'] %}
            {% do faults.append('has an unknown ' ~ (rule.key or 'input') ~ " '" ~ key ~ "'. Allowed: " ~ rule['of'] | join(', ')) %}
        {% elif model is not string or not modules.re.fullmatch(name ~ '([.]' ~ name ~ ')?', model) %}
            {% do faults.append("'" ~ key ~ "' must be a model, or package.model where it is another package's, " ~ got(model)) %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}
