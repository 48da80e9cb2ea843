{# A test of the user's own data: says its messages as warnings while it runs, and is the query itself. #}
{% macro warn_about(query, at_most=5) %}
    {% if execute and flags.WHICH in ['build', 'test'] %}
        {% for row in run_query('select message from (' ~ query ~ ') as found order by message limit ' ~ at_most).rows %}
            {% do say((row[0] | string).replace('\n', '\\n')) %}
        {% endfor %}
    {% endif %}
    {% do return(query) %}
{% endmacro %}

{# Findings (`about`, `example`) as a message for each `about`: `12 rows …: the first, the second, …`. #}
{% macro counted_messages(findings, examples=5) -%}
select
    concat(
        cast(max(number) as {{ dbt.type_string() }}), ' ', about, ': '
        {%- for place in range(1, examples + 1) %},
        max(case when place = {{ place }} then {{ "concat('; ', example)" if place > 1 else 'example' }} else '' end)
        {%- endfor %},
        case when max(number) > {{ examples }} then '; …' else '' end
    ) as message
from (
    select
        about,
        example,
        row_number() over (partition by about order by example) as place,
        count(*) over (partition by about) as number
    from (
        {{ findings | indent(8) }}
    ) as findings
) as numbered
group by about
{%- endmacro %}
