{#
    The words of `reason`. Each type gives a sentence part, in which {value} and {percent} stand for the measure at
    as-of and {one|many} for the form that goes with it. A criterion's own `reason` in vars.yml goes before it.
#}
{% macro criterion_reason(criterion) %}
    {% do return(criterion.reason or criterion_macro(criterion.type, 'reason')(criterion)) %}
{% endmacro %}

{#
    A name or value that stands in a reason as it is: what the reason would take for a form of its own is marked.
    reason_form takes the marks off again, but for that of a brace that opens: filled_reason does, when all is filled in.
#}
{% macro verbatim(text) %}
    {% do return(text | replace('{', marked_brace()) | replace('|', '\ue001') | replace('}', '\ue002')) %}
{% endmacro %}

{% macro marked_brace() %}{% do return('\ue000') %}{% endmacro %}

{# A reason in the form for one (`form` 1) or for many (2). #}
{% macro reason_form(reason, form) %}
    {% set formed = modules.re.sub('[{]([^{}|]*)[|]([^{}|]*)[}]', '\\' ~ form, reason) %}
    {% do return(formed | replace('\ue001', '|') | replace('\ue002', '}')) %}
{% endmacro %}

{# What a near miss still needs, to be read after its reason. #}
{% macro needed_phrase(criterion, reason) %}
    {% if '{percent}' in reason %}{% do return('; ' ~ (criterion.threshold * 100) | round | int ~ '% needed') %}{% endif %}
    {% if '{value}' in reason %}{% do return('; ' ~ criterion.threshold ~ ' needed') %}{% endif %}
    {% do return(' (not yet)') %}
{% endmacro %}

{% macro spoken(name) %}{% do return(verbatim(name | replace('_', ' '))) %}{% endmacro %}

{% macro plural(noun) %}
    {% if modules.re.search('[^aeiou]y$', noun) %}{% do return(noun[:-1] ~ 'ies') %}{% endif %}
    {% if modules.re.search('(s|x|z|ch|sh)$', noun) %}{% do return(noun ~ 'es') %}{% endif %}
    {% do return(noun ~ 's') %}
{% endmacro %}

{# The noun that goes with {value}: `{day|days}`. #}
{% macro counted(noun) %}{% do return('{' ~ noun ~ '|' ~ plural(noun) ~ '}') %}{% endmacro %}

{# An event's name in the plural: a participle at its end stays as it is (message_sent: messages sent). #}
{% macro event_plural(name) %}
    {% set words = spoken(name | lower | replace('.', ' ') | replace('|', ' ') | trim).split(' ') %}
    {% set has_participle = words | length > 1 and modules.re.search('(ed|sent|made|done|built|set|run|paid|won)$', words[-1]) %}
    {% if not has_participle %}{% do return(plural(words | join(' '))) %}{% endif %}
    {% do return(plural(words[:-1] | join(' ')) ~ ' ' ~ words[-1]) %}
{% endmacro %}

{# The events that a criterion counts: `{login|logins}`, `messages sent (channel public)`; every event is `nothing`. #}
{% macro events_phrase(criterion, form='many', nothing='events') %}
    {% set names = [] %}
    {% for name in criterion.events or [] %}
        {% set one, many = spoken(name), event_plural(name) %}
        {% do names.append({'one': one, 'many': many, 'counted': '{' ~ one ~ '|' ~ many ~ '}'}[form]) %}
    {% endfor %}
    {% set filters = [] %}
    {% for property, wanted in (criterion.where or {}).items() %}
        {% do filters.append('any ' ~ spoken(property) if wanted == '*' else spoken(property) ~ ' ' ~ values_phrase(wanted)) %}
    {% endfor %}
    {% for property, unwanted in (criterion.where_not or {}).items() %}
        {% do filters.append('no ' ~ spoken(property) if unwanted == '*' else 'not ' ~ spoken(property) ~ ' ' ~ values_phrase(unwanted)) %}
    {% endfor %}
    {% do return((names | join(' or ') or nothing) ~ (' (' ~ filters | join(', ') ~ ')' if filters else '')) %}
{% endmacro %}

{# Configured values as YAML writes them: `true` and not `True`; an empty text is in quotes. #}
{% macro values_phrase(values) %}
    {% set phrases = [] %}
    {% for value in (values if is_list(values) else [values]) %}{% do phrases.append(verbatim(json_value(value) or '""')) %}{% endfor %}
    {% do return(phrases | join(' or ')) %}
{% endmacro %}

{# Whether a criterion asks for some events and not for every one. #}
{% macro is_narrowed(criterion) %}
    {% do return(criterion.events or criterion.where or criterion.where_not) %}
{% endmacro %}

{# What a measure counts, in the form for `one` or `many`: `messages sent`, `active user`, `active day`. #}
{% macro part_phrase(part, form) %}
    {% do return(criterion_macro(part.type, 'counts')(part, form)) %}
{% endmacro %}

{% macro window_phrase(criterion) %}
    {% set window = criterion.window %}
    {% if window.last_days %}{% do return(' in ' ~ window.last_days ~ (' day' if window.last_days == 1 else ' days')) %}{% endif %}
    {% if window.first_days %}{% do return(' in the first ' ~ (window.first_days ~ ' days' if window.first_days > 1 else 'day')) %}{% endif %}
    {% if window.calendar %}{% do return(' this ' ~ window.calendar) %}{% endif %}
    {% if window.billing %}{% do return(' this billing month') %}{% endif %}
    {% do return('') %}
{% endmacro %}

{# A date attribute as what happens then: trial_ends_at is `trial ends`. #}
{% macro date_phrase(attribute) %}
    {% do return('sign-up' if attribute == 'signed_up_at' else spoken(modules.re.sub('_(at|on|date)$', '', attribute))) %}
{% endmacro %}

{% macro days_phrase(days) %}
    {% do return(days | abs ~ (' day' if days | abs == 1 else ' days')) %}
{% endmacro %}
