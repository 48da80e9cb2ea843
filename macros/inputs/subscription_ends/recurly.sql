{# recurly: subscriptions that expired. #}

{% macro subscription_end_source__recurly__spec() %}
    {% do return({
        'title': 'Recurly',
        'reads': '`subscriptions` that expired; `accounts` (id, code) where a subscription has only the id of its account',
        'tables': {
            'subscriptions': {'is': 'one row per subscription', 'required': true},
            'accounts': {'is': 'one row per account at Recurly'},
        },
        'without': ['columns'],
        'notes': 'The account is the `code` of the account, which is yours to choose.',
        'facts': {
            'key': {'is': 'the subscription', 'page': 'https://recurly.com/developers/api/v2021-02-25/index.html#tag/subscription'},
            'clock': {'is': '`expires_at` of a subscription whose `state` is `expired`', 'page': 'https://recurly.com/developers/api/v2021-02-25/index.html#tag/subscription'},
            'identity': {'is': '`account.code`', 'page': 'https://recurly.com/developers/api/v2021-02-25/index.html#tag/account'},
            'none': {
                'is': 'subscriptions that `failed`, ended with their trial, or cost nothing; ends while another subscription of the account goes on; `canceled` ones, whose period still runs',
                'page': 'https://recurly.com/developers/api/v2021-02-25/index.html#tag/subscription',
            },
        },
    }) %}
{% endmacro %}

{% macro subscription_end_source__recurly(source) %}
    {% set tables = source_tables(source, ['subscriptions']) %}
    {% if not tables.subscriptions %}{% do return(none) %}{% endif %}
    {% do check_where(source, [tables.subscriptions]) %}
    {% set found = joined_tables(wanted_rows(source, tables.subscriptions), ['account.id', 'account_id'], tables.accounts, 'id', {'code_of_account': ['code', 'account_code']}) %}
    {% set state = field(found, ['state', 'status']) %}
    {% set found = with_columns(found, {'expired_moment': 'case when ' ~ state ~ " = 'expired' then " ~ field(found, ['expires_at', 'expired_at', 'canceled_at']) ~ ' end'}) %}
    {% do return(ended_subscriptions(source, found, {
        'id': ['id', 'uuid'],
        'account': ['account.code', 'account_code', 'code_of_account'],
        'began': ['activated_at', 'created_at'],
        'ended': ['expired_moment'],
        'trial_ended': ['trial_ends_at'],
        'price': ['subtotal', 'total', 'unit_amount'],
    }, 'coalesce(' ~ state ~ " <> 'failed', true) and " ~ not_deleted(found))) %}
{% endmacro %}
