{# Snowflake. Nothing here has run on it; most of it has on an emulator (docs/engines.md). #}

{% macro snowflake__add_days(day, days) -%}
cast(dateadd(day, {{ days }}, {{ day }}) as date)
{%- endmacro %}

{# A name written without quotes is kept in capitals. #}
{% macro snowflake__written_name(column) %}
    {% do return(column | lower if column == column | upper else column) %}
{% endmacro %}
