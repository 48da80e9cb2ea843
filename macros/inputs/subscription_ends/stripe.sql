{# stripe: subscriptions that ended. #}

{% macro subscription_end_source__stripe__spec() %}
    {% do return({
        'title': 'Stripe',
        'reads': '`subscriptions` that ended, with `customers` for the account and `subscription_items` and `prices` for what they cost',
        'tables': {
            'subscriptions': {'is': 'one row per subscription', 'required': true},
            'customers': {'is': 'one row per customer'},
            'subscription_items': {'is': 'one row per item of a subscription'},
            'prices': {'is': 'one row per price or plan'},
        },
        'options': {'account_key': {'is': 'text', 'default': 'account_id'}},
        'without': ['columns'],
        'notes': 'The account is the `account_key` in the metadata of the subscription, else of the customer, else the customer id itself. Export cancelled subscriptions too: the API lists them only with `status=all`.',
        'facts': {
            'key': {'is': 'the subscription', 'page': 'https://docs.stripe.com/api/subscriptions/object'},
            'clock': {'is': '`ended_at`, seconds since 1970; of one that is `canceled` without it `canceled_at`', 'page': 'https://docs.stripe.com/api/subscriptions/object'},
            'identity': {'is': 'metadata of the subscription, the customer; else the customer id', 'page': 'https://docs.stripe.com/metadata'},
            'none': {
                'is': 'test mode; subscriptions that never began (`incomplete`, `incomplete_expired`), ended with their trial, or cost nothing; ends while another subscription of the account goes on, such as a change of plan; a cancellation whose period still runs',
                'page': 'https://docs.stripe.com/billing/subscriptions/overview',
            },
        },
    }) %}
{% endmacro %}

{% macro subscription_end_source__stripe(source) %}
    {% set tables = source_tables(source, ['subscriptions']) %}
    {% if not tables.subscriptions %}{% do return(none) %}{% endif %}
    {% do check_where(source, [tables.subscriptions]) %}
    {% set found = stripe_with_price(wanted_rows(source, tables.subscriptions), tables) %}
    {% set found = joined_tables(found, stripe_ids('customer'), tables.customers, 'id', {'customer_account': stripe_account(source)}) %}
    {% set found = with_columns(found, {
        'canceled_moment': 'case when ' ~ field(found, 'status') ~ " = 'canceled' then " ~ field(found, ['ended_at', 'canceled_at']) ~ ' else ' ~ field(found, 'ended_at') ~ ' end',
    }) %}
    {% do return(ended_subscriptions(source, found, {
        'id': ['id'],
        'account': stripe_account(source) + stripe_account(source, 'customer.') + ['customer_account'] + stripe_ids('customer'),
        'began': ['start_date', 'start', 'created'],
        'ended': ['canceled_moment'],
        'trial_ended': ['trial_end'],
        'price': ['gross_price'],
    }, 'coalesce(' ~ field(found, 'status') ~ " not in ('incomplete', 'incomplete_expired'), true) and " ~ is_set(found, 'livemode', 'true')
        ~ ' and ' ~ is_set(found, '_fivetran_active', 'true') ~ ' and ' ~ not_deleted(found))) %}
{% endmacro %}
