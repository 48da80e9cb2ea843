{# Every problem of the lists of sources. #}
{% macro source_problems(config) %}
    {% set problems = input_model_problems(config) %}
    {% for variable in source_kinds() %}{% do problems.extend(source_list_problems(config, variable)) %}{% endfor %}
    {% if config.pql_conversion_sources is not none and config.pql_conversions_from != 'seed' %}
        {% do problems.append("pql_conversions_from: has no effect beside pql_conversion_sources. Take it out, or list {name: conversions, adapter: canonical} among the sources") %}
    {% endif %}
    {% do return(problems) %}
{% endmacro %}

{# Those of one list; one that is left out has none. #}
{% macro source_list_problems(config, variable) %}
    {% set sources = config[variable] %}
    {% if sources is none %}{% do return([]) %}{% endif %}
    {% if not is_list(sources) or not sources | length %}
        {% do return([variable ~ ': must be a list of at least one source, ' ~ got(sources)]) %}
    {% endif %}
    {% set problems, taken = [], [] %}
    {% for source in sources %}
        {% set address = variable ~ '[' ~ loop.index0 ~ ']' %}
        {% do problems.extend(one_source_problems(variable, source, address)) %}
        {% if source is mapping and source.name in taken %}
            {% do problems.append(address ~ " '" ~ source.name ~ "': the name is taken; names are unique among the sources of a list") %}
        {% endif %}
        {% do taken.append(source.name if source is mapping) %}
    {% endfor %}
    {% do return(problems) %}
{% endmacro %}

{% macro one_source_problems(variable, source, address) %}
    {% if source is not mapping %}
        {% do return([address ~ ': must be a mapping {name, adapter, …}, ' ~ got(source)]) %}
    {% endif %}
    {% set address = address ~ " '" ~ source.name ~ "': " %}
    {% if not has_macro(source_kinds()[variable].prefix ~ '__' ~ source.adapter ~ '__spec') %}
        {% do return([address ~ ("unknown adapter '" ~ source.adapter ~ "'" if source.adapter else "'adapter' is missing")
            ~ '. Known adapters: ' ~ adapters(variable) | join(', ')]) %}
    {% endif %}
    {% set spec = adapter_spec(variable, source.adapter) %}
    {% set problems = mapping_faults(source, adapter_options(variable, spec), [], address) %}
    {% if source.folder and (source.schema or source.database) %}
        {% do problems.append(address ~ "'folder' is for files and 'schema' for tables; give one of them") %}
    {% endif %}
    {% do return(problems) %}
{% endmacro %}

{# The name of a folder, schema or table: nothing that could break out of its place in the SQL. #}
{% macro value_faults__place(value, rule, names) %}
    {% if value is string and modules.re.fullmatch('[A-Za-z0-9_][A-Za-z0-9_ ./$*-]{0,199}', value) %}{% do return([]) %}{% endif %}
    {% do return(['must be a name of letters, digits and _ . / $ * -, ' ~ got(value)]) %}
{% endmacro %}

{% macro value_faults__places(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {table: its name here}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for table, place in value.items() %}
        {% if table not in rule['of'] %}
            {% do faults.append("has an unknown table '" ~ table ~ "'. Allowed: " ~ rule['of'] | join(', ')) %}
        {% else %}
            {% for fault in value_faults__place(place, {}, names) %}{% do faults.append("'" ~ table ~ "' " ~ fault) %}{% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{# Where a column of ours stands in the source: a column, a path into a nested one (`properties.team.id`), or several in turn. #}
{% macro value_faults__column_paths(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {our column: column or path in the source}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for column, path in value.items() %}
        {% if column not in rule['of'] %}
            {% do faults.append("has an unknown column '" ~ column ~ "'. Allowed: " ~ rule['of'] | join(', ')) %}
        {% else %}
            {% for fault in (value_faults__texts(path, {}, names) if is_list(path) else value_faults__text(path, {}, names)) %}
                {% do faults.append("'" ~ column ~ "' " ~ fault) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{% macro value_faults__paths(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {attribute: column or path in the source}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for name, path in value.items() %}
        {% for fault in value_faults__identifier(name, {}, names) + value_faults__text(path, {}, names) %}
            {% do faults.append("'" ~ name ~ "' " ~ fault) %}
        {% endfor %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{# What a CRM's own words mean in ours; `none` is no answer at all. #}
{% macro value_faults__dispositions(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {word of the CRM: disposition}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for word in value if word is not string %}{% do faults.append('a word must be text, ' ~ got_no_text(word)) %}{% endfor %}
    {% for word, disposition in value.items() if disposition not in sales_dispositions() + ['none'] %}
        {% do faults.append("'" ~ word ~ "' must be one of " ~ (sales_dispositions() + ['none']) | join(', ') ~ ', ' ~ got(disposition)) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{# What a CRM's own stages are called here; `none` is no stage of a lead at all. #}
{% macro value_faults__stage_names(value, rule, names) %}
    {% if value is not mapping or not value | length %}
        {% do return(['must be a mapping {stage of the CRM: name here, or none}, ' ~ got(value)]) %}
    {% endif %}
    {% set faults = [] %}
    {% for word, stage in value.items() %}
        {% if word is not string %}{% do faults.append('a stage must be text, ' ~ got_no_text(word)) %}{% endif %}
        {% for fault in value_faults__identifier(stage, {}, names) %}{% do faults.append("'" ~ word ~ "' " ~ fault) %}{% endfor %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}

{% macro value_faults__index(value, rule, names) %}
    {% if is_number(value) and value is integer and value >= 0 %}{% do return([]) %}{% endif %}
    {% do return(['must be a whole number, 0 or more, ' ~ got(value)]) %}
{% endmacro %}
