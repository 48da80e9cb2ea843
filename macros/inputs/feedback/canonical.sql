{# canonical: answers of sales in our own columns. #}

{% macro feedback_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `crm_pql_feedback`: feedback_id, pql_account_id, disposition, dispositioned_at, …',
        'tables': {'crm_pql_feedback': {'is': 'answers in our own columns'}},
        'without': ['dispositions'],
    }) %}
{% endmacro %}

{% macro feedback_source__canonical(source) %}
    {% do return(canonical_input(source, 'crm_pql_feedback', required=false)) %}
{% endmacro %}
