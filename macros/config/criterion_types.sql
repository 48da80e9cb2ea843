{# Criterion types are found by the names of their macros; nothing here knows a type by name. #}

{% macro criterion_types() %}
    {% set types = [] %}
    {% for name in context if name[:11] == 'criterion__' and name[-6:] == '__spec' %}
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
    {% for key in spec.without | default([]) %}{% do keys.pop(key) %}{% endfor %}
    {% do keys.update(spec.options | default({})) %}
    {% do return({'kind': spec.kind, 'windows': spec.windows | default(none), 'options': keys}) %}
{% endmacro %}

{# A part of a type's own file, or the default that all types share. #}
{% macro criterion_macro(type, part) %}
    {% do return(context['criterion__' ~ type ~ '__' ~ part] or context['criterion_default__' ~ part]) %}
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
