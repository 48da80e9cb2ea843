{# A row that its system marks as deleted is none. #}
{% macro not_deleted(found) %}
    {% set flags = [] %}
    {% for column in ['is_deleted', 'IsDeleted', '_fivetran_deleted', 'archived', 'isArchived'] if column_like(found, column) %}
        {% do flags.append('coalesce(lower(' ~ field(found, column) ~ "), 'false') <> 'true'") %}
    {% endfor %}
    {% do return(flags | unique | join(' and ') or 'true') %}
{% endmacro %}

{#
    `https://user@www.Acme.com:443/about?x#y` as `acme.com`, in lower case, without blanks and a last dot; an address of mail
    as its domain. Null where no dot is left: `n/a` and `localhost` are no domains. International names stay as they are
    written: `xn--mnchen-3ya.de` is not known to be `münchen.de`.
#}
{% macro host_of(website) %}
    {% set host = namespace(sql='lower(trim(' ~ website ~ '))') %}
    {% for pattern in ['^([a-z][a-z0-9+.-]*:)?//', '^[^@/?#]*@', '[:/?#].*$', '^www[.]', '[. ]+$'] %}
        {% set host.sql = 'regexp_replace(' ~ host.sql ~ ", '" ~ pattern ~ "', '')" %}
    {% endfor %}
    {% do return('case when ' ~ host.sql ~ " like '%_._%' then " ~ host.sql ~ ' end') %}
{% endmacro %}
