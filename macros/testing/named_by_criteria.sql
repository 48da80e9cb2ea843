{# What the criteria name under one of their keys, a text or a list of them, as rows (criterion_name, name). #}
{% macro named_by_criteria(key) -%}
select cast(null as {{ dbt.type_string() }}) as criterion_name, cast(null as {{ dbt.type_string() }}) as name
where 1 = 0
{%- for criterion in pql_criteria() if criterion[key] %}
{%- for name in ([criterion[key]] if criterion[key] is string else criterion[key]) %}
union all
select {{ text_literal(criterion.name) }}, {{ text_literal(name) }}
{%- endfor %}
{%- endfor %}
{%- endmacro %}
