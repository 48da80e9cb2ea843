{# chargebee: invoices that were paid. #}

{% macro conversion_source__chargebee__spec() %}
    {% do return({
        'title': 'Chargebee',
        'reads': '`invoices` that were paid, with `subscriptions` and `customers` for the account, and `credit_notes` for what was paid back; without them the `issued_credit_notes` of the invoices',
        'tables': {
            'invoices': {'is': 'one row per invoice', 'required': true, 'known_by': ['amount_paid', 'credits_applied', 'currency_code']},
            'subscriptions': {'is': 'one row per subscription'},
            'customers': {'is': 'one row per customer'},
            'credit_notes': {'is': 'one row per credit note'},
        },
        'options': {'account_key': {'is': 'text', 'default': 'account_id'}, 'refunds': {'is': 'choice', 'of': ['drop', 'keep'], 'default': 'drop'}},
        'notes': 'The account is the `account_key` in the `meta_data`, or the custom field `cf_` and `account_key`, of the invoice, its subscription or the customer, else the customer id itself, which Chargebee lets you choose. A test site is a site of its own: do not export it.',
        'facts': {
            'key': {'is': 'the invoice', 'page': 'https://apidocs.chargebee.com/docs/api/invoices'},
            'clock': {'is': '`paid_at`, seconds since 1970', 'page': 'https://apidocs.chargebee.com/docs/api/invoices'},
            'identity': {
                'is': 'metadata or custom field of the invoice, of its subscription, of those of its lines (consolidated invoices name none themselves; several accounts are rejected as `several_accounts`), of the customer; else the customer id',
                'page': 'https://apidocs.chargebee.com/docs/api/subscriptions',
            },
            'none': {
                'is': 'invoices not `paid`, deleted, or of which nothing was paid (credits and promotions); what credit notes had refunded by the as-of',
                'page': 'https://apidocs.chargebee.com/docs/api/credit_notes',
            },
        },
    }) %}
{% endmacro %}

{% macro conversion_source__chargebee(source) %}
    {% set tables = source_tables(source, ['invoices']) %}
    {% if not tables.invoices %}{% do return(none) %}{% endif %}
    {% do check_where(source, [tables.invoices]) %}
    {% set account = chargebee_account(source) %}
    {% set found = joined_tables(tables.invoices, 'id', chargebee_lines(tables, account), 'one_key', {'lines_account': 'one_value', 'lines_several': 'has_several'}) %}
    {% set found = joined_tables(wanted_rows(source, found), 'subscription_id', tables.subscriptions, 'id', {'subscription_account': account}) %}
    {% set found = joined_tables(found, 'customer_id', tables.customers, 'id', {'customer_account': account}) %}
    {% set losses = chargebee_losses(tables) if source.refunds == 'drop' %}
    {% set found = joined_tables(found, 'id', losses, 'sum_key', {'taken_back': {'sql': quoted_name('sum_value')}}) %}
    {% set several = field(found, account + ['subscription_account'], 'id') ~ ' is null and ' ~ field(found, 'lines_several') ~ " = 'true'" %}
    {% set found = with_columns(found, {
        'net_amount': field(found, 'amount_paid', 'number') ~ (named(' - coalesce([taken_back], 0)') if losses else ''),
        'adapter_fault': 'case when ' ~ several ~ " then 'several_accounts' end",
    }) %}
    {% do return(mapped_input(source, 'conversions', found, {
        'conversion_id': ['id'],
        'account_id': account + ['subscription_account', 'lines_account', 'customer_account', 'customer_id'],
        'converted_at': ['paid_at', 'paid_on', 'date'],
        'plan': ['line_items.0.entity_id'],
        'amount': {'sql': whole_amount(quoted_name('net_amount'), field(found, 'currency_code'))},
    }, field(found, 'status') ~ " = 'paid' and not " ~ is_set(found, 'deleted', 'false') ~ ' and ' ~ not_deleted(found) ~ named(' and [net_amount] > 0'))) %}
{% endmacro %}

{% macro chargebee_account(source) %}
    {% do return(['meta_data.' ~ source.account_key, 'meta_data_' ~ source.account_key, 'cf_' ~ source.account_key]) %}
{% endmacro %}

{# The account that all subscriptions on an invoice have. #}
{% macro chargebee_lines(tables, account) %}
    {% set lines = listed_rows(tables.invoices, 'line_items', 'line') if tables.subscriptions %}
    {% set lines = joined_tables(lines, 'line.subscription_id', tables.subscriptions, 'id', {'line_account': account}) %}
    {% do return(one_value(lines, 'id', 'line_account') if lines and 'line_account' in lines.columns) %}
{% endmacro %}

{# What was paid back of invoices: by the credit notes, else by what the invoices say of those issued for them. #}
{% macro chargebee_losses(tables) %}
    {% set notes = tables.credit_notes %}
    {% if notes %}
        {% do return(summed_by(notes, 'reference_invoice_id', field(notes, 'amount_refunded', 'number'),
            'coalesce(' ~ field(notes, 'status') ~ ", 'refunded') <> 'voided' and " ~ had_come_back(field(notes, ['refunded_at', 'date'], 'timestamp')), 'id')) %}
    {% endif %}
    {% set notes = listed_rows(tables.invoices, 'issued_credit_notes', 'note') %}
    {% if not notes %}{% do return(none) %}{% endif %}
    {% do return(summed_by(notes, 'id', field(notes, 'note.cn_total', 'number'),
        field(notes, 'note.cn_status') ~ " = 'refunded' and " ~ had_come_back(field(notes, 'note.cn_date', 'timestamp')), ['note.cn_id', 'note'])) %}
{% endmacro %}
