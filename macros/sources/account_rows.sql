{# A row that its system marks as deleted is none. #}
{% macro not_deleted(found) %}
    {% set flags = [] %}
    {% for column in ['is_deleted', 'IsDeleted', '_fivetran_deleted', 'archived', 'isArchived'] if column_like(found, column) %}
        {% do flags.append('coalesce(lower(' ~ field(found, column) ~ "), 'false') <> 'true'") %}
    {% endfor %}
    {% do return(flags | unique | join(' and ') or '1 = 1') %}
{% endmacro %}

{# `https://www.acme.com/about` as `acme.com`. #}
{% macro host_of(website) %}
    {% set host = dbt.split_part('replace(replace(lower(' ~ website ~ "), 'https://', ''), 'http://', '')", "'/'", 1) %}
    {% do return('case when ' ~ host ~ " like 'www.%' then substr(" ~ host ~ ', 5) else ' ~ host ~ ' end') %}
{% endmacro %}
