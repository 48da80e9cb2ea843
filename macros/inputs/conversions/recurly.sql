{# recurly: transactions that collected money. #}

{% macro conversion_source__recurly__spec() %}
    {% do return({
        'title': 'Recurly',
        'reads': '`transactions` that succeeded, refunds among them; `accounts` (id, code) where a transaction has only the id of its account',
        'tables': {
            'transactions': {'is': 'one row per transaction', 'required': true, 'known_by': ['type', 'status', 'collected_at|gateway_reference|origin']},
            'accounts': {'is': 'one row per account at Recurly'},
        },
        'options': {'refunds': {'is': 'choice', 'of': ['drop', 'keep'], 'default': 'drop'}},
        'notes': 'The account is the `code` of the account, which is yours to choose. Amounts are decimal.',
        'facts': {
            'key': {'is': 'the transaction', 'page': 'https://recurly.com/developers/api/v2021-02-25/index.html#tag/transaction'},
            'clock': {'is': '`collected_at`, else `created_at`', 'page': 'https://recurly.com/developers/api/v2021-02-25/index.html#tag/transaction'},
            'identity': {'is': '`account.code`', 'page': 'https://recurly.com/developers/api/v2021-02-25/index.html#tag/account'},
            'none': {
                'is': 'test transactions (`test`); types other than `purchase` and `capture`; not `success`; amount 0; what refunds and chargebacks (`original_transaction`) had taken back by the as-of',
                'page': 'https://docs.recurly.com/recurly-subscriptions/reference/lookuptransaction',
            },
        },
    }) %}
{% endmacro %}

{% macro conversion_source__recurly(source) %}
    {% set tables = source_tables(source, ['transactions']) %}
    {% set transactions = tables.transactions %}
    {% if not transactions %}{% do return(none) %}{% endif %}
    {% do check_where(source, [transactions]) %}
    {% set found = joined_tables(wanted_rows(source, transactions), ['account.id', 'account_id'], tables.accounts, 'id', {'code_of_account': ['code', 'account_code']}) %}
    {% set refunds = field(transactions, ['type', 'action']) ~ " = 'refund' and " ~ field(transactions, 'status') ~ " = 'success' and "
        ~ had_come_back(field(transactions, ['collected_at', 'created_at'], 'timestamp')) %}
    {% set losses = summed_by(transactions, ['original_transaction.id', 'original_transaction_id'], field(transactions, 'amount', 'number'), refunds, ['id', 'uuid']) if source.refunds == 'drop' %}
    {% set found = joined_tables(found, 'id', losses, 'sum_key', {'taken_back': {'sql': quoted_name('sum_value')}}) %}
    {% set found = with_columns(found, {'net_amount': field(found, 'amount', 'number') ~ (named(' - coalesce([taken_back], 0)') if 'taken_back' in found.columns else '')}) %}
    {% do return(mapped_input(source, 'conversions', found, {
        'conversion_id': ['id', 'uuid'],
        'account_id': ['account.code', 'account_code', 'code_of_account'],
        'converted_at': ['collected_at', 'created_at'],
        'plan': ['plan_code'],
        'amount': {'sql': 'cast(' ~ quoted_name('net_amount') ~ ' as ' ~ dbt.type_string() ~ ')'},
    }, field(found, ['type', 'action']) ~ " in ('purchase', 'capture') and " ~ field(found, 'status') ~ " = 'success' and not "
        ~ is_set(found, 'test', 'false') ~ ' and ' ~ not_deleted(found) ~ named(' and [net_amount] > 0'))) %}
{% endmacro %}
