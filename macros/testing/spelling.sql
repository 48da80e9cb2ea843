{# Which of some names was most likely meant: texts that warnings name. #}

{# A text without what is easily mistaken: case, blanks and marks between words. #}
{% macro bare(text) %}{% do return(modules.re.sub('[\\W_]+', '', text | string | lower)) %}{% endmacro %}

{# The candidate that differs from a word by no more than that; none where there is none. #}
{% macro same_but_for_case(word, candidates) %}
    {% for candidate in candidates if candidate != word and bare(word) and bare(candidate) == bare(word) %}{% do return(candidate) %}{% endfor %}
    {% do return(none) %}
{% endmacro %}

{# Of each word the candidates that differ from it by no more than that and are not among the words: (word, candidate). #}
{% macro twins(words, candidates) %}
    {% set by_bare, found = {}, [] %}
    {% for candidate in candidates if candidate not in words %}{% do by_bare.setdefault(bare(candidate), []).append(candidate) %}{% endfor %}
    {% for word in words %}
        {% for candidate in by_bare[bare(word)] or [] if bare(word) %}{% do found.append([word, candidate]) %}{% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{# The candidate that shares most pairs of letters with a word; none where none shares half of them. #}
{% macro nearest_spelling(word, candidates) %}
    {% set same = same_but_for_case(word, candidates) %}
    {% if same %}{% do return(same) %}{% endif %}
    {% set pairs, best = letter_pairs(word), namespace(share=0.5, candidate=none) %}
    {% for candidate in candidates if candidate != word %}
        {% set others = letter_pairs(candidate) %}
        {% set share = 2 * pairs | select('in', others) | list | length / ((pairs + others) | length or 1) %}
        {% if share > best.share %}{% set best.share, best.candidate = share, candidate %}{% endif %}
    {% endfor %}
    {% do return(best.candidate) %}
{% endmacro %}

{% macro letter_pairs(text) %}
    {% set letters, pairs = bare(text)[:100], [] %}
    {% for place in range(letters | length - 1) %}{% do pairs.append(letters[place:place + 2]) %}{% endfor %}
    {% do return(pairs | unique | list) %}
{% endmacro %}

{# A question that names it, empty where there is none. #}
{% macro meant(word, candidates) %}
    {% set nearest = nearest_spelling(word, candidates) %}
    {% do return(" Is '" ~ nearest ~ "' meant?" if nearest else '') %}
{% endmacro %}

{# Messages as the rows of a test of the user's own data. #}
{% macro message_rows(messages) -%}
select cast(null as {{ dbt.type_string() }}) as message
{{ no_rows() }}
{%- for message in messages %}
union all
select {{ text_literal(message) }}
{%- endfor %}
{%- endmacro %}
