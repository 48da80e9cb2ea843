{#
    What criteria name and the warehouse does not have, as messages that say what is near. Each macro is handed the tables
    that it asks; the names and values that it compares with are at most so many.
#}
{% macro most_names() %}{% do return(2000) %}{% endmacro %}

{# Up to so many different values of a column, or of so many rows. #}
{% macro some_values_of(table, column, condition, at_most=most_names(), each='distinct') %}
    {% if not execute or not load_relation(table) %}{% do return([]) %}{% endif %}
    {% set query = 'select ' ~ each ~ ' ' ~ column ~ ' as found from ' ~ table ~ ' where ' ~ condition ~ ' and ' ~ column ~ ' is not null' %}
    {% do return(run_query(query ~ ' limit ' ~ at_most).columns[0].values() | list) %}
{% endmacro %}

{# Events of criteria that never occur, and those beside which others occur under nearly the same name. #}
{% macro messages_about_events(usage) %}
    {% set messages, names = [], named_events() if execute else [] %}
    {% set occur = some_values_of(usage, 'event_name', is_among('event_name', names)) %}
    {% set others = some_values_of(usage, 'event_name', 'not ' ~ is_among('event_name', names)) %}
    {% for criterion in (pql_criteria('behaviour') if execute else []) %}
        {% for ask in asks_of([criterion]) if ask.events %}
            {% set address = "Criterion '" ~ criterion.name ~ "' counts the event '" %}
            {% for name in ask.events if name not in occur %}
                {% do messages.append(address ~ name ~ "', which never occurs up to the as-of."
                    ~ (meant(name, occur + others) or ' Is it spelt as the tracker spells it?')) %}
            {% endfor %}
            {% for name, twin in twins(ask.events, occur + others) if name in occur %}
                {% do messages.append(address ~ name ~ "' and not '" ~ twin ~ "', which occurs as well.") %}
            {% endfor %}
        {% endfor %}
    {% endfor %}
    {% do return(messages) %}
{% endmacro %}

{# The events that criteria name. #}
{% macro named_events() %}
    {% set names = [] %}
    {% for ask in asks_of(pql_criteria('behaviour')) %}{% do names.extend(ask.events or []) %}{% endfor %}
    {% do return(names | unique(case_sensitive=true) | list) %}
{% endmacro %}

{# Attributes that no account has, or that are null for all of them, and values beside nearly the same. #}
{% macro messages_about_attributes(attributes, accounts, changes) %}
    {% set messages, filled = [], some_values_of(attributes, 'attribute', 'value is not null') %}
    {% for criterion in (pql_criteria() if execute else []) %}
        {% for name in attributes_of(criterion) %}
            {% set address = "Criterion '" ~ criterion.name ~ "' reads the attribute '" ~ name ~ "', " %}
            {% if name not in filled %}
                {% set there = keys_inside(some_values_of(accounts, 'attributes', 'true', 200)) + some_values_of(changes, 'attribute', 'true') %}
                {% do messages.append(address ~ ('which is null for every account.' if name in there
                    else 'which no account has.' ~ (meant(name, there) or ' Is there a column of this name in accounts, or are there rows in account_changes?'))) %}
            {% elif criterion['in'] or criterion.not_in %}
                {% set values = some_values_of(attributes, 'value', 'attribute = ' ~ text_literal(name)) %}
                {% for text, twin in twins(((criterion['in'] or []) + (criterion.not_in or [])) | select('string') | list, values) %}
                    {% do messages.append(address ~ 'which is ' ~ ("'" ~ twin ~ "' as well as '" if text in values else "'" ~ twin ~ "' and never '") ~ text ~ "'.") %}
                {% endfor %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(messages) %}
{% endmacro %}

{# Limits that no plan has, and plans held by accounts that lack one. #}
{% macro messages_about_limits(limits, attribute_days) %}
    {% set messages = [] %}
    {% for criterion in (pql_criteria() if execute else []) if criterion.limit %}
        {% set address = "Criterion '" ~ criterion.name ~ "' reads the limit '" ~ criterion.limit ~ "', which " %}
        {% set having = some_values_of(limits, 'plan', 'limit_name = ' ~ text_literal(criterion.limit)) %}
        {% if not having %}
            {% do messages.append(address ~ 'no plan has in seeds/plan_limits.csv.' ~ meant(criterion.limit, some_values_of(limits, 'limit_name', 'true'))) %}
        {% else %}
            {% for plan in some_values_of(attribute_days, 'value', "attribute = 'plan'") if plan not in having %}
                {% do messages.append(address ~ "the plan '" ~ plan ~ "' of some accounts does not have in seeds/plan_limits.csv: for them it stays 0."
                    ~ (meant(plan, having) or " Plans that have it: '" ~ having[:5] | join("', '") ~ "'.")) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {% do return(messages) %}
{% endmacro %}

{# Time zones that do not exist, each with an account that names it and the zone that is meant. #}
{% macro messages_about_time_zones(accounts) %}
    {% set messages = [] %}
    {% if execute and load_relation(accounts) %}
        {% set query = 'select time_zone, count(*) as number, min(account_id) as account_id, min(local_time_zone) as read_as from ' ~ accounts ~ ' where is_time_zone_unknown group by time_zone order by number desc, time_zone limit 20' %}
        {% for zone, number, account_id, read_as in run_query(query).rows %}
            {% set others = ' and ' ~ (number - 1) ~ ' more are' if number > 1 else ' is' %}
            {% set meant_zone = time_zone_meant(zone) %}
            {% do messages.append("Account '" ~ account_id ~ "'" ~ others ~ " in the unknown time zone '" ~ zone ~ "'. Its days are those of " ~ read_as ~ ' (pql_time_zone).'
                ~ (' The IANA zone is ' ~ meant_zone ~ '.' if meant_zone else '')) %}
        {% endfor %}
    {% endif %}
    {% do return(messages) %}
{% endmacro %}

{# Rules of pql_ignored_events that leave nothing out; `set_aside` holds the first rule that each event fits. #}
{% macro messages_about_ignored_events(set_aside) %}
    {% set messages, found = [], some_values_of(set_aside, 'ignored_by', 'true') | map('int') | list %}
    {% for number in range(1, ignored_event_rules() | length + 1) if execute and number not in found %}
        {% do messages.append('pql_ignored_events[' ~ (number - 1) ~ '] leaves out no event that the rules before it do not. '
            ~ 'Are its names, values and ids spelt as they come?') %}
    {% endfor %}
    {% do return(messages) %}
{% endmacro %}

{# The keys of some JSON objects. #}
{% macro keys_inside(texts) %}
    {% set keys = {} %}
    {% for text in texts %}
        {% set object = fromjson(text) %}
        {% if object is mapping %}{% do keys.update(object) %}{% endif %}
    {% endfor %}
    {% do return(keys | list) %}
{% endmacro %}
