{# stripe: charges that succeeded; without a table of charges, subscriptions that were paid for. #}

{% macro conversion_source__stripe__spec() %}
    {% do return({
        'title': 'Stripe',
        'reads': '`charges` that succeeded, else `subscriptions` past their trial; `customers` for the account',
        'tables': {
            'charges': {'is': 'one row per charge'},
            'subscriptions': {'is': 'one row per subscription'},
            'customers': {'is': 'one row per customer'},
        },
        'options': {'account_key': {'is': 'text', 'default': 'account_id'}},
        'notes': 'The account is the `account_key` in the metadata of the charge or subscription, else of the customer, else the customer id itself. Amounts are in whole units of their currency.',
    }) %}
{% endmacro %}

{% macro conversion_source__stripe(source) %}
    {% set tables = source_tables(source, ['charges', 'subscriptions']) %}
    {% set found = tables.charges or tables.subscriptions %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set key = source.account_key %}
    {% set found = joined_tables(found, ['customer', 'customer_id'], tables.customers, 'id', {'customer_account_id': ['metadata.' ~ key, 'metadata_' ~ key]}) %}
    {% set account_id = ['metadata.' ~ key, 'metadata_' ~ key, 'customer_account_id', 'customer', 'customer_id'] %}
    {% if tables.charges %}
        {% do return(mapped_input(source, 'conversions', found, {
            'account_id': account_id, 'converted_at': ['created'], 'plan': ['metadata.plan'], 'amount': {'sql': stripe_amount(found)},
        }, stripe_is_paid(found))) %}
    {% endif %}
    {% do return(mapped_input(source, 'conversions', found, {
        'account_id': account_id,
        'converted_at': ['trial_end', 'start_date', 'start', 'created'],
        'plan': ['plan.nickname', 'items.data.0.price.nickname', 'plan.id', 'items.data.0.price.id', 'metadata.plan'],
        'amount': ['no_amount'],
    }, stripe_was_paid_for(found))) %}
{% endmacro %}

{# The smallest unit of most currencies is a hundredth; some have none. #}
{% macro stripe_amount(found) %}
    {% set whole = ['bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'ugx', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'] %}
    {% set amount = field(found, 'amount', 'number') %}
    {% do return('cast(case when lower(' ~ field(found, 'currency') ~ ') in (' ~ text_literals(whole) ~ ') then ' ~ amount
        ~ ' else ' ~ amount ~ ' / 100 end as ' ~ dbt.type_string() ~ ')') %}
{% endmacro %}

{# An authorisation that was never captured is no payment, nor is a charge of nothing. #}
{% macro stripe_is_paid(found) %}
    {% do return('coalesce(' ~ field(found, 'status') ~ ", 'succeeded') = 'succeeded' and coalesce(lower(" ~ field(found, 'paid')
        ~ "), 'true') = 'true' and coalesce(lower(" ~ field(found, 'captured') ~ "), 'true') = 'true' and coalesce("
        ~ field(found, 'amount', 'number') ~ ', 1) > 0') %}
{% endmacro %}

{# A subscription that ended with its trial, or never left it, was never paid for. #}
{% macro stripe_was_paid_for(found) %}
    {% set ended, trial_end = field(found, 'ended_at', 'timestamp'), field(found, 'trial_end', 'timestamp') %}
    {% do return(field(found, 'status') ~ " in ('active', 'past_due', 'unpaid', 'canceled') and not coalesce("
        ~ ended ~ ' <= ' ~ trial_end ~ ', 1 = 0)') %}
{% endmacro %}
