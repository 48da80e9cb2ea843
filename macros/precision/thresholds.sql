{# What the threshold curve of the report counts: the points of the primary definition's score, else its parts. #}

{# The criteria that count, as rows (criterion_name, points). #}
{% macro curve_points(config) -%}
{%- set primary = config.definitions[0] -%}
{%- if primary.score %}
select criterion_name, points
from (
    {{ definition_points(config) | indent(4) }}
) as pointed
where definition_name = {{ text_literal(primary.name) }}
{%- else %}
select criterion_name, cast(1 as {{ type_measure() }}) as points
from (
    {{ definition_parts(config) | indent(4) }}
) as parts
{%- endif %}
{%- endmacro %}

{# The thresholds to try: round steps up to all that can be had, at most 25 of them, and the one in force. #}
{% macro curve_thresholds(config) %}
    {% set by_name = criteria_by_name(config) %}
    {% set primary = config.definitions[0] %}
    {% set score = by_name[primary.score] if primary.score else none %}
    {% set most = score.points.values() | select('gt', 0) | sum if score else wanted_leaves(primary.qualifies_when, by_name) | length %}
    {% set steps = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000] | select('ge', most / 25) | list %}
    {% set step = steps[0] if steps else most / 25 %}
    {% set thresholds = [score.at_least] if score else [] %}
    {% for count in range(1, (most / step) | int + 1) %}{% do thresholds.append(count * step) %}{% endfor %}
    {% do return(thresholds | unique | sort) %}
{% endmacro %}
