{#
    Properties and values that criteria ask for and no event has that they count, as messages that say what is near. What
    is left out by `where_not` may well be absent: it is only named where something is nearly the same.
#}
{% macro messages_about_properties(details, events) %}
    {% set messages, checks = [], property_checks(details) if execute else [] %}
    {% set found = numbers_found(details, checks) %}
    {% for check in checks if check.needs in found and (check.number in found) == (check.is_odd or false) %}
        {% set about = about_numbers(check, details) if check.is_odd else about_values(check, details) if check.texts else about_property(check, events) %}
        {% if about %}{% do messages.append("Criterion '" ~ check.criterion ~ "' " ~ about) %}{% endif %}
    {% endfor %}
    {% do return(messages) %}
{% endmacro %}

{#
    What is to be found among the details, each with a number and that of the check without which it says nothing: the
    events of each ask, its properties, their values. `is_wanted` is false for what is left out, `is_odd` true for what is
    said where it is found: values that are no numbers where numbers are asked for.
#}
{% macro property_checks(details) %}
    {% set checks = [] %}
    {% for criterion in pql_criteria('behaviour') %}
        {% for ask in asks_of([criterion]) if properties_of(ask) %}
            {% set its_events = is_among('event_name', ask.events or none) %}
            {% do checks.append({'number': checks | length + 1, 'needs': none, 'condition': its_events}) %}
            {% set of_events = checks | length %}
            {% for key in ['where', 'where_not', 'reads_property'] if ask[key] %}
                {% for property, configured in (ask[key].items() if ask[key] is mapping else [(ask[key], '*')]) %}
                    {% set carried = its_events ~ ' and ' ~ property_column(property) ~ ' is not null' %}
                    {% set shared = {'criterion': criterion.name, 'events': ask.events, 'property': property, 'carried': carried, 'is_wanted': key != 'where_not'} %}
                    {% do checks.append(dict(shared, number=checks | length + 1, needs=of_events, condition=carried)) %}
                    {% do checks.extend(value_checks(configured, shared, checks | length)) %}
                    {% if key == 'reads_property' and not ask.reads_text %}
                        {% set is_no_number = carried ~ ' and ' ~ text_to_number(property_column(property)) ~ ' is null' %}
                        {% do checks.append(dict(shared, number=checks | length + 1, needs=checks | length, condition=is_no_number, is_odd=true)) %}
                    {% endif %}
                {% endfor %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {% do return(checks) %}
{% endmacro %}

{# That one of a property's values is found, and each of several, where not one is missing but some. #}
{% macro value_checks(configured, shared, last_number) %}
    {% if configured == '*' %}{% do return([]) %}{% endif %}
    {% set values = configured if is_list(configured) else [configured] %}
    {% set checks = [] %}
    {% for some in [values] + (values | batch(1) | list if values | length > 1 else []) %}
        {% do checks.append(dict(
            shared, number=last_number + loop.index, needs=last_number if loop.first else last_number + 1, texts=texts_of(some),
            is_wanted=shared.is_wanted and loop.first, condition=shared.carried ~ ' and ' ~ has_value(property_column(shared.property), some)
        )) %}
    {% endfor %}
    {% do return(checks) %}
{% endmacro %}

{# The numbers of the checks that find a row. Each asks for one row and no more. #}
{% macro numbers_found(details, checks) %}
    {% if not checks or not load_relation(details) %}{% do return([]) %}{% endif %}
    {% set queries = [] %}
    {% for check in checks %}
        {% do queries.append('select number from (select ' ~ check.number ~ ' as number from ' ~ details ~ ' where ' ~ check.condition ~ ' limit 1) as found_' ~ check.number) %}
    {% endfor %}
    {% do return(run_query(queries | join(' union all ')).columns[0].values() | map('int') | list) %}
{% endmacro %}

{# A property is looked for among those of some of its events. #}
{% macro about_property(check, events) %}
    {% set texts = some_values_of(events, 'properties', is_among('event_name', check.events or none), 500, each='') %}
    {% set keys = keys_inside(texts) %}
    {% set hint = namespace(text=none) %}
    {% for key in keys if check.property in paths_inside(texts, key) %}
        {% set hint.text = " It stands inside of '" ~ key ~ "': only what stands at the top is read." %}
    {% endfor %}
    {% if not check.is_wanted and not same_but_for_case(check.property, keys) %}{% do return(none) %}{% endif %}
    {% do return("asks for the property '" ~ check.property ~ "', which no event carries that it counts." ~ (hint.text or meant(check.property, keys))) %}
{% endmacro %}

{# Values that are no numbers, where numbers are asked for. #}
{% macro about_numbers(check, details) %}
    {% set values = some_values_of(details, property_column(check.property), check.condition) %}
    {% do return("reads numbers from '" ~ check.property ~ "', and some of its values are none and count for nothing, such as '" ~ values[:3] | join("', '") ~ "'. Write 1250.5, without separators of thousands or units.") %}
{% endmacro %}

{# What stands inside of a property, as the paths that somebody may have written. #}
{% macro paths_inside(texts, key) %}
    {% set paths = [] %}
    {% for text in texts %}
        {% set inside = (fromjson(text) or {})[key] %}
        {% if inside is mapping %}
            {% for name in inside %}{% do paths.extend([name, key ~ '.' ~ name]) %}{% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(paths | unique | list) %}
{% endmacro %}

{# One of several values, or one that is left out, is named if it is nearly one that occurs. #}
{% macro about_values(check, details) %}
    {% set values = some_values_of(details, property_column(check.property), check.carried) %}
    {% set hints, same = [], [] %}
    {% for text in check.texts %}
        {% do hints.append(meant(text, values)) %}
        {% do same.append(same_but_for_case(text, values)) %}
    {% endfor %}
    {% if not check.is_wanted and not same | select | list %}{% do return(none) %}{% endif %}
    {% do return("asks for '" ~ check.property ~ "' to be '" ~ check.texts | join("' or '") ~ "', which it is for no event that it counts." ~ hints | join) %}
{% endmacro %}

{% macro texts_of(values) %}
    {% set texts = [] %}
    {% for value in values %}{% do texts.append(json_value(value)) %}{% endfor %}
    {% do return(texts) %}
{% endmacro %}
