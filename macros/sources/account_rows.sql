{# The accounts of every source; where an account is in several, the source listed first decides. #}
{% macro raw_accounts() -%}
{%- for source in pql_sources('pql_account_sources') %}
{{ 'union all' if not loop.first }}
{{ account_select(source, context['account_source__' ~ source.adapter](source)) }}
{%- endfor %}
{%- endmacro %}

{% macro account_select(source, found) -%}
{{ raw_input('accounts', found, [attributes_json('accounts', found) ~ ' as attributes', source.position ~ ' as source_position']) }}
{%- endmacro %}

{# The conversions of every source. #}
{% macro raw_conversions() -%}
{%- for source in pql_sources('pql_conversion_sources') %}
{{ 'union all' if not loop.first }}
{{ raw_input('conversions', context['conversion_source__' ~ source.adapter](source)) }}
{%- endfor %}
{%- endmacro %}

{# A row that its system marks as deleted is none. #}
{% macro not_deleted(found) %}
    {% set flags = [] %}
    {% for column in ['is_deleted', 'IsDeleted', '_fivetran_deleted', 'archived', 'isArchived'] if column_like(found, column) %}
        {% do flags.append('coalesce(lower(' ~ field(found, column) ~ "), 'false') <> 'true'") %}
    {% endfor %}
    {% do return(flags | unique | join(' and ') or '1 = 1') %}
{% endmacro %}
