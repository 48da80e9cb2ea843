{# chargebee: subscriptions that were cancelled. #}

{% macro subscription_end_source__chargebee__spec() %}
    {% do return({
        'title': 'Chargebee',
        'reads': '`subscriptions` that were cancelled, with `customers` for the account',
        'tables': {
            'subscriptions': {'is': 'one row per subscription', 'required': true},
            'customers': {'is': 'one row per customer'},
        },
        'options': {'account_key': {'is': 'text', 'default': 'account_id'}},
        'without': ['columns'],
        'notes': 'The account is the `account_key` in the `meta_data`, or the custom field `cf_` and `account_key`, of the subscription or the customer, else the customer id itself.',
        'facts': {
            'key': {'is': 'the subscription', 'page': 'https://apidocs.chargebee.com/docs/api/subscriptions'},
            'clock': {'is': '`cancelled_at` of a subscription that is `cancelled`, seconds since 1970', 'page': 'https://apidocs.chargebee.com/docs/api/subscriptions'},
            'identity': {'is': 'metadata or custom field of the subscription, of the customer; else the customer id', 'page': 'https://apidocs.chargebee.com/docs/api/customers'},
            'none': {
                'is': 'subscriptions deleted, ended with their trial, or of a price of 0; ends while another subscription of the account goes on; `non_renewing` ones, whose period still runs',
                'page': 'https://apidocs.chargebee.com/docs/api/subscriptions',
            },
        },
    }) %}
{% endmacro %}

{% macro subscription_end_source__chargebee(source) %}
    {% set tables = source_tables(source, ['subscriptions']) %}
    {% if not tables.subscriptions %}{% do return(none) %}{% endif %}
    {% do check_where(source, [tables.subscriptions]) %}
    {% set account = chargebee_account(source) %}
    {% set found = joined_tables(wanted_rows(source, tables.subscriptions), 'customer_id', tables.customers, 'id', {'customer_account': account}) %}
    {% set found = with_columns(found, {'cancelled_moment': 'case when ' ~ field(found, 'status') ~ " = 'cancelled' then " ~ field(found, 'cancelled_at') ~ ' end'}) %}
    {% do return(ended_subscriptions(source, found, {
        'id': ['id'],
        'account': account + ['customer_account', 'customer_id'],
        'began': ['started_at', 'activated_at', 'created_at'],
        'ended': ['cancelled_moment'],
        'trial_ended': ['trial_end'],
        'price': ['plan_amount', 'plan_unit_price', 'subscription_items.0.amount', 'subscription_items.0.unit_price'],
    }, 'not ' ~ is_set(found, 'deleted', 'false') ~ ' and ' ~ not_deleted(found))) %}
{% endmacro %}
