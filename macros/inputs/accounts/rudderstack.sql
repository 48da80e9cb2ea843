{# rudderstack: the accounts that group calls name, with the last traits that were said of each. #}

{% macro account_source__rudderstack__spec() %}
    {% do return({
        'title': 'RudderStack',
        'reads': 'the group calls (`groups`, on BigQuery `_groups`): of each account the last traits that were said',
        'tables': {'groups': {'is': 'one row per group call', 'required': true, 'else_called': '_groups'}},
        'notes': 'The sign-up is the trait `created_at`; without it, the first event.',
    }) %}
{% endmacro %}

{% macro account_source__rudderstack(source) %}
    {% do return(latest_group_calls(source)) %}
{% endmacro %}
