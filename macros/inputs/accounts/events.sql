{# events: every account that an accepted event names, for those who have no list of accounts. #}

{% macro account_source__events__spec() %}
    {% do return({
        'title': 'The events themselves',
        'reads': 'every account that an accepted event names; nothing is known of it but its first event, which stands for its sign-up',
        'tables': {},
        'without': ['folder', 'schema', 'database', 'tables', 'models', 'columns', 'attributes'],
    }) %}
{% endmacro %}

{% macro account_source__events(source) %}
    {% set events = ref('pql_warehouse', 'stg_product__events') %}
    {% do return({
        'from': '(select distinct account_id from ' ~ events ~ ' where account_id is not null) as named_accounts',
        'columns': {'account_id': 'VARCHAR'},
    }) %}
{% endmacro %}
