{# What builds say to people: warnings and refusals, in which nothing that others wrote can steer a terminal. #}
{% macro say(message) %}
    {% do exceptions.warn(harmless(message)) %}
{% endmacro %}

{% macro stop(message) %}
    {% do exceptions.raise_compiler_error(harmless(message)) %}
{% endmacro %}

{#
    A text with what would steer a terminal, turn the direction of reading or hide shown as its JSON escape; a joiner
    stays within a script or an emoji that needs it. scripts/pql_tools/harmless.py is the same for scripts.
#}
{% macro harmless(text) %}
    {% set steering = '[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]|(?<![^\\x00-\\x7f])[\\u200c\\u200d]' %}
    {% set shown = namespace(text=text) %}
    {% for character in modules.re.findall(steering, text) | unique(case_sensitive=true) %}
        {% set escaped = '\\u007f' if character == '\x7f' else tojson(character)[1:-1] %}
        {% if character in '\u200c\u200d' %}
            {% set shown.text = modules.re.sub('(?<![^\\x00-\\x7f])' ~ character, '\\' ~ escaped, shown.text) %}
        {% else %}
            {% set shown.text = shown.text.replace(character, escaped) %}
        {% endif %}
    {% endfor %}
    {% do return(shown.text) %}
{% endmacro %}
