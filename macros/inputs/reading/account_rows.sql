{# A row that its system marks as deleted is none. #}
{% macro not_deleted(found) %}
    {% set flags = [] %}
    {% for column in ['is_deleted', 'IsDeleted', '_fivetran_deleted', 'archived', 'isArchived'] if column_like(found, column) %}
        {% do flags.append('not ' ~ says_true(field(found, column))) %}
    {% endfor %}
    {% do return(flags | unique | join(' and ') or 'true') %}
{% endmacro %}

{# Whether text is a flag that is set, as one export or another writes it; what is missing is not. #}
{% macro says_true(text) %}
    {% do return('coalesce(lower(trim(' ~ text ~ ")) in ('true', 't', '1', '1.0', 'yes', 'y'), false)") %}
{% endmacro %}

{#
    `https://user@www.Acme.com:443/about?x#y` as `acme.com`, in lower case, without blanks and a last dot; an address of mail
    as its domain. Null where no dot is left: `n/a` and `localhost` are no domains; nor is a page on a site that hosts those
    of many, such as linkedin.com/company/acme. International names stay as they are
    written: `xn--mnchen-3ya.de` is not known to be `münchen.de`.
#}
{% macro host_of(website) %}
    {% set address = without_each('lower(trim(' ~ website ~ '))', ['^([a-z][a-z0-9+.-]*:)?//', '^[^@/?#]*@', '^www[.]']) %}
    {% set host = without_each(address, ['[:/?#].*$', '[. ]+$']) %}
    {% set pages = [] %}
    {% for site in sites_of_pages() %}
        {% do pages.append(address ~ " like '" ~ site ~ "/_%' or " ~ address ~ " like '%." ~ site ~ "/_%'") %}
    {% endfor %}
    {% do return('case when ' ~ host ~ " like '%_._%' and not (" ~ pages | join(' or ') ~ ') then ' ~ host ~ ' end') %}
{% endmacro %}

{# Domains in one text, as a JSON list of them: parted by `;` or `,` as CRMs write several, or a list of texts or of objects. #}
{% macro list_of_domains(text) %}
    {% set marks = '[]{}",;\\' %}
    {% set parted = 'trim(' ~ strip_controls("translate(replace(" ~ text ~ ", '\":', '\" '), " ~ text_literal(marks) ~ ', ' ~ text_literal(' ' * marks | length) ~ ')') ~ ')' %}
    {% do return(dbt.concat(["'[\"'", 'replace(' ~ parted ~ ", ' ', '\",\"')", "'\"]'"])) %}
{% endmacro %}

{# Text without what matches each of some regular expressions, one after the other. #}
{% macro without_each(text, patterns) %}
    {% set left = namespace(sql=text) %}
    {% for pattern in patterns %}{% set left.sql = 'regexp_replace(' ~ left.sql ~ ", '" ~ pattern ~ "', '')" %}{% endfor %}
    {% do return(left.sql) %}
{% endmacro %}

{# Sites on which companies have pages, and which companies give as their website. #}
{% macro sites_of_pages() %}
    {% do return([
        'facebook.com', 'github.com', 'instagram.com', 'linkedin.com', 'linktr.ee', 'medium.com', 'sites.google.com', 'tiktok.com',
        'twitter.com', 'x.com', 'xing.com', 'youtube.com',
    ]) %}
{% endmacro %}
