{#
    Who an id stands for: int_successors has a row for every user that is another's alias and every account that is merged
    into another. Where there are none, what reads them is the SQL that it would be without.
#}

{# The kinds of ids (`user`, `account`) of which some stand for others. #}
{% macro kinds_succeeded() %}
    {% set successors, known = ref('pql_warehouse', 'int_successors'), memo('successors') %}
    {% set name = successors | string %}
    {% if name not in known %}{% do known.update({name: values_of(successors, 'kind', 'true')}) %}{% endif %}
    {% do return(known[name]) %}
{% endmacro %}

{# The id that stands for the one in a column; `column` names its table, which successor_join joins with. #}
{% macro successor_of(column, kind) %}
    {% do return('coalesce(' ~ kind ~ '_successors.successor_id, ' ~ column ~ ')' if kind in kinds_succeeded() else column) %}
{% endmacro %}

{# The same where nothing but another id is wanted: null where the column's own id stands. #}
{% macro successor_id(kind) %}
    {% do return(kind ~ '_successors.successor_id' if kind in kinds_succeeded() else 'cast(null as ' ~ dbt.type_string() ~ ')') %}
{% endmacro %}

{% macro successor_join(column, kind) -%}
{%- if kind in kinds_succeeded() -%}
left join {{ ref('pql_warehouse', 'int_successors') }} as {{ kind }}_successors
    on {{ kind }}_successors.kind = '{{ kind }}'
    and {{ kind }}_successors.id = {{ column }}
{%- endif -%}
{%- endmacro %}

{# The ids that stand for those in a column of a table, as one more part of a union. #}
{% macro ids_standing_for(kind, column, table) -%}
{%- if kind in kinds_succeeded() -%}
union distinct
select successors.id
from {{ table }}
inner join {{ ref('pql_warehouse', 'int_successors') }} as successors
    on successors.kind = '{{ kind }}'
    and successors.successor_id = {{ column }}
{%- endif -%}
{%- endmacro %}

{# How many statements a chain may be made of. Some engines go no further. #}
{% macro longest_chain() -%} 100 {%- endmacro %}
