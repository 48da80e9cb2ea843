{#
    A moment lies on or beside the local dates of a table. Their bounds are spelt out, so that the engine skips what lies
    outside of them before it joins.
#}
{% macro on_dates_of(moment, table, column) %}
    {% set dates = values_of(table, 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')', column ~ ' is not null') %}
    {% if not dates %}{% do return('1 = 0') %}{% endif %}
    {% do return(
        moment ~ ' >= ' ~ utc_midnight(add_days("cast('" ~ dates[0] ~ "' as date)", -1))
        ~ ' and ' ~ moment ~ ' < ' ~ utc_midnight(add_days("cast('" ~ dates[-1] ~ "' as date)", 2))
    ) %}
{% endmacro %}
