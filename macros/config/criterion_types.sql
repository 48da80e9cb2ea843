{# Criterion types are found by the names of their macros; nothing here knows a type by name. #}

{% macro criterion_types() %}
    {% set types = [] %}
    {% for name in macro_names() if name[:11] == 'criterion__' and name[-6:] == '__spec' %}
        {% do types.append(name[11:-6]) %}
    {% endfor %}
    {% do return(types | sort) %}
{% endmacro %}

{# What a type's file declares, with the keys that every type of its kind shares. #}
{% macro criterion_spec(type) %}
    {% set spec = context['criterion__' ~ type ~ '__spec']() %}
    {% set keys = {} %}
    {% do keys.update(common_keys()) %}
    {% if spec.kind == 'behaviour' %}{% do keys.update(behaviour_keys()) %}{% endif %}
    {% for key in spec.without | default([]) %}{% do keys.pop(key, none) %}{% endfor %}
    {% do keys.update(spec.options | default({})) %}
    {% do return({'kind': spec.kind, 'windows': spec.windows | default(none), 'options': keys}) %}
{% endmacro %}

{# The types that measure by themselves what another type may ask for, as `of` and `per` of a ratio do. #}
{% macro measure_types() %}
    {% set types = [] %}
    {% for type in criterion_types() if criterion_macro(type, 'spec')().is_measure %}{% do types.append(type) %}{% endfor %}
    {% do return(types) %}
{% endmacro %}

{# A measure that a criterion asks for, written as {measure, events, where, …}: a criterion of that type, of the same name. #}
{% macro measured_part(criterion, written) %}
    {% set part = {'window': 'lifetime'} %}
    {% do part.update(written) %}
    {% do part.update({'name': criterion.name, 'type': written.measure, 'lapse_after_days': criterion.lapse_after_days}) %}
    {% do part.update(criterion_macro(part.type, 'settings')(part)) %}
    {% do part.update({'looks_back_days': looks_back_days(part.window)}) %}
    {% do return(part) %}
{% endmacro %}

{# The attributes of accounts that a criterion reads: its own, and the dates of its billing months. #}
{% macro attributes_of(criterion) %}
    {% set read = [criterion.attribute] %}
    {% for ask in asks_of([criterion]) %}{% do read.append((ask.window or {}).billing) %}{% endfor %}
    {% do return(read | select | unique(case_sensitive=true) | list) %}
{% endmacro %}

{# A part of a type's own file, or the default that all types share. #}
{% macro criterion_macro(type, part) %}
    {% set own = 'criterion__' ~ type ~ '__' ~ part %}
    {% do return(context[own if has_macro(own) else 'criterion_default__' ~ part]) %}
{% endmacro %}

{% macro common_keys() %}
    {% set keys = {
        'name': {'is': 'identifier', 'required': true},
        'type': {'is': 'text', 'required': true},
        'description': {'is': 'text'},
        'reason': {'is': 'text'},
    } %}
    {% do keys.update(check_keys()) %}
    {% do return(keys) %}
{% endmacro %}

{# What the precision check asks of a criterion or definition. A draft is shown, but decides nothing. #}
{% macro check_keys() %}
    {% do return({
        'min_precision': {'is': 'share'},
        'min_lift': {'is': 'positive_number'},
        'min_n': {'is': 'positive_integer'},
        'horizon_days': {'is': 'horizon'},
        'on_inconclusive': {'is': 'choice', 'of': ['fail', 'warn']},
        'status': {'is': 'choice', 'of': ['active', 'draft']},
    }) %}
{% endmacro %}

{% macro behaviour_keys() %}
    {% do return({
        'events': {'is': 'texts'},
        'where': {'is': 'property_values'},
        'where_not': {'is': 'property_values'},
        'window': {'is': 'window'},
        'at_least': {'is': 'positive_integer', 'required': true},
        'lapse_after_days': {'is': 'days', 'default': 1},
    }) %}
{% endmacro %}

{% macro definition_keys() %}
    {% set keys = {
        'name': {'is': 'identifier', 'required': true},
        'description': {'is': 'text'},
        'qualifies_when': {'is': 'criterion', 'required': true},
        'audience': {'is': 'choice', 'of': ['unconverted', 'converted', 'all']},
        'excluded_when': {'is': 'criteria'},
        'expires_after_days': {'is': 'days'},
        'cool_down_days': {'is': 'days'},
        'tiers': {'is': 'tiers'},
        'score': {'is': 'criterion'},
    } %}
    {% do keys.update(check_keys()) %}
    {% do return(keys) %}
{% endmacro %}
