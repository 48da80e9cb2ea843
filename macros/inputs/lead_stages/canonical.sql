{# canonical: stages of leads in our own columns. #}

{% macro lead_stage_source__canonical__spec() %}
    {% do return({
        'title': 'Our own columns',
        'reads': 'the input `lead_stages` in our own columns',
        'tables': {'lead_stages': {'is': 'stages of leads in our own columns'}},
        'without': ['columns'],
        'facts': own_stage_facts(),
    }) %}
{% endmacro %}

{# What stages in our own columns, or mapped to them, go by. #}
{% macro own_stage_facts() %}
    {% set page = 'specification.md#2-inputs' %}
    {% do return({
        'key': {'is': 'account, stage and moment', 'page': page},
        'clock': {'is': '`entered_at`; a date is the first instant of that local day', 'page': page},
        'identity': {'is': '`account_id`, else the host of `domain`', 'page': page},
        'none': {'is': 'what `stages` calls `none`', 'page': page},
    }) %}
{% endmacro %}

{% macro lead_stage_source__canonical(source) %}
    {% do return(in_our_stages(source, canonical_input(source, 'lead_stages', required=false))) %}
{% endmacro %}
