{# Tables on PostgreSQL are left as they are where they would be the same. Views are made anew: they go with what they read. #}
{% materialization table, adapter='postgres', supported_languages=['sql'] %}
    {% if is_as_it_was_made(load_cached_relation(this), 'table') %}
        {% do left_as_it_is() %}
        {{ return({'relations': [this.incorporate(type='table')]}) }}
    {% endif %}
    {{ return(dbt.materialization_table_default()) }}
{% endmaterialization %}

{% materialization view, adapter='postgres', supported_languages=['sql'] %}
    {% do is_as_it_was_made(none, 'view') %}
    {{ return(dbt.materialization_view_default()) }}
{% endmaterialization %}

{% materialization incremental, adapter='postgres', supported_languages=['sql'] %}
    {% do note_rewriting(true) %}
    {{ return(dbt.materialization_incremental_default()) }}
{% endmaterialization %}

{% macro postgres__hash_of_rows(rows) -%}
concat(count(*), ' ', sum(cast(hashtextextended(cast({{ rows }} as text), 0) as numeric)))
{%- endmacro %}
