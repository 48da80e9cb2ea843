{# rudderstack: the accounts that group calls name, with the traits of each account's latest call. #}

{% macro account_source__rudderstack__spec() %}
    {% do return({
        'title': 'RudderStack',
        'reads': 'the group calls (`groups`): the traits of the latest call of each account',
        'tables': {'groups': {'is': 'one row per group call', 'required': true}},
        'notes': 'The sign-up is the trait `created_at`; without it, the first event.',
    }) %}
{% endmacro %}

{% macro account_source__rudderstack(source) %}
    {% do return(latest_group_calls(source)) %}
{% endmacro %}
