{# stripe: invoices that were paid, else charges that succeeded; beside them, active subscriptions of which neither is given. #}

{% macro conversion_source__stripe__spec() %}
    {% do return({
        'title': 'Stripe',
        'reads': '`invoices` that were paid, else `charges` that succeeded; `subscriptions`, `invoice_line_items` and `customers` for the account; `refunds` and `disputes`. An active `subscription` with a price, its own or of `subscription_items` and `prices`, counts by itself where no invoice or charge is of it',
        'tables': {
            'invoices': {'is': 'one row per invoice', 'known_by': ['amount_paid', 'currency', 'customer|customer_id']},
            'charges': {'is': 'one row per charge', 'known_by': ['amount', 'currency', 'captured|paid']},
            'subscriptions': {'is': 'one row per subscription', 'known_by': ['status', 'customer|customer_id', 'items|plan|plan_id|plan_amount|current_period_end']},
            'customers': {'is': 'one row per customer'},
            'refunds': {'is': 'one row per refund'},
            'disputes': {'is': 'one row per dispute'},
            'invoice_line_items': {'is': 'one row per line of an invoice'},
            'subscription_items': {'is': 'one row per item of a subscription'},
            'prices': {'is': 'one row per price or plan'},
            'discounts': {'is': 'one row per discount of a subscription'},
            'coupons': {'is': 'one row per coupon'},
        },
        'options': {'account_key': {'is': 'text', 'default': 'account_id'}, 'refunds': {'is': 'choice', 'of': ['drop', 'keep'], 'default': 'drop'}},
        'notes': 'The account is the `account_key` in the metadata of the invoice or charge, else of its lines, else of its subscription, else of the customer, else the customer id itself. With `refunds: drop` a payment wholly refunded or lost in dispute by the as-of is none, and one refunded in part counts net; with `keep` both stay.',
        'facts': {
            'key': {'is': 'the invoice, else the charge, else the subscription', 'page': 'https://docs.stripe.com/api/invoices/object'},
            'clock': {
                'is': '`status_transitions.paid_at` of an invoice; `created` of a charge; the end of the trial, else the start, of a subscription; seconds since 1970',
                'page': 'https://docs.stripe.com/api/subscriptions/object',
            },
            'identity': {
                'is': 'metadata of the invoice or charge, its lines, its subscription (that of its invoice, else the one whose `latest_invoice` it paid), the customer; else the customer id',
                'page': 'https://docs.stripe.com/metadata',
            },
            'none': {
                'is': 'test mode (`livemode` false); nothing paid; not `paid`, `succeeded` or captured; wholly refunded, lost in dispute; subscriptions that are not `active`, are paused, cost nothing, or nothing after coupons. Minor units as Stripe lists them (ISK and UGX have two decimals there, MGA none)',
                'page': 'https://docs.stripe.com/currencies',
            },
        },
    }) %}
{% endmacro %}

{% macro conversion_source__stripe(source) %}
    {% set tables = source_tables(source, ['invoices', 'charges', 'subscriptions']) %}
    {% if not tables.invoices and not tables.charges and not tables.subscriptions %}{% do return(none) %}{% endif %}
    {% do check_where(source, [tables.invoices or tables.charges, tables.subscriptions]) %}
    {% set payments = stripe_payments(source, tables) %}
    {% do return(united_inputs('conversions', [
        stripe_paid_rows(source, tables, payments),
        stripe_lone_subscriptions(source, tables, payments),
    ])) %}
{% endmacro %}

{# Where the id of another object stands: expanded, as a column of its own, or as the id alone. #}
{% macro stripe_ids(object) %}
    {% do return([object ~ '.id', object ~ '_id', object]) %}
{% endmacro %}

{% macro stripe_account(source, start='') %}
    {% do return([start ~ 'metadata.' ~ source.account_key, start ~ 'metadata_' ~ source.account_key]) %}
{% endmacro %}

{# Where an invoice, or the invoice of a charge, names its subscription. #}
{% macro stripe_subscription_ids() %}
    {% do return(stripe_ids('subscription') + [
        'parent.subscription_details.subscription', 'invoice.subscription', 'invoice.parent.subscription_details.subscription',
        'lines.data.0.subscription', 'lines.data.0.parent.subscription_item_details.subscription',
    ]) %}
{% endmacro %}

{# Invoices, else charges, with what is read of them as columns of ours. An invoice settled elsewhere was paid all the same. #}
{% macro stripe_payments(source, tables) %}
    {% set found = tables.invoices or tables.charges %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set paid = field(found, ['amount_paid'] if tables.invoices else ['amount'], 'number') %}
    {% if tables.invoices and field_is_there(found, 'paid_out_of_band') %}
        {% set paid = 'case when ' ~ is_set(found, 'paid_out_of_band', 'false') ~ ' then ' ~ field(found, ['total', 'amount_due'], 'number') ~ ' else ' ~ paid ~ ' end' %}
    {% endif %}
    {% set found = with_columns(found, {
        'own_account': field(found, stripe_account(source), 'id'),
        'own_customer': field(found, stripe_ids('customer')),
        'expanded_customer_account': field(found, stripe_account(source, 'customer.')),
        'own_subscription': field(found, stripe_subscription_ids()),
        'own_charge': field(found, stripe_ids('charge') + ['payments.data.0.payment.charge'] if tables.invoices else 'id'),
        'own_invoice': field(found, 'id' if tables.invoices else stripe_ids('invoice')),
        'own_intent': field(found, stripe_ids('payment_intent') + ['payments.data.0.payment.payment_intent']),
        'own_moment': field(found, ['status_transitions.paid_at', 'status_transitions_paid_at', 'paid_at', 'effective_at', 'created'] if tables.invoices else 'created'),
        'own_amount': paid,
    }) %}
    {% set found = joined_tables(found, 'own_invoice', tables.subscriptions, stripe_ids('latest_invoice'), {'latest_subscription': 'id'}) %}
    {% do return(with_columns(found, {'paid_subscription': field(found, ['own_subscription', 'latest_subscription'])})) %}
{% endmacro %}

{# Those that were paid: (conversion_id, account_id, converted_at, plan, amount). #}
{% macro stripe_paid_rows(source, tables, payments) %}
    {% if not payments %}{% do return(none) %}{% endif %}
    {% set found = wanted_rows(source, stripe_with_losses(source, stripe_with_lines(source, payments, tables), tables)) %}
    {% set found = joined_tables(found, 'paid_subscription', tables.subscriptions, 'id', {'subscription_account': stripe_account(source)}) %}
    {% set found = joined_tables(found, 'own_customer', tables.customers, 'id', {'customer_account': stripe_account(source)}) %}
    {% set found = with_columns(found, {
        'net_amount': named('[own_amount] - coalesce(' ~ ('[taken_back]' if 'taken_back' in found.columns else '0') ~ ', 0)'),
        'adapter_fault': named("case when [own_account] is null and [lines_several] = 'true' then 'several_accounts' end") if 'lines_several' in found.columns else field(found, []),
    }) %}
    {% do return(mapped_input(source, 'conversions', found, {
        'conversion_id': ['id'],
        'account_id': ['own_account', 'lines_account', 'subscription_account', 'expanded_customer_account', 'customer_account', 'own_customer'],
        'converted_at': ['own_moment'],
        'plan': ['lines.data.0.price.nickname', 'lines.data.0.plan.nickname', 'metadata.plan', 'metadata_plan'],
        'amount': {'sql': whole_amount(identifier('net_amount'), field(found, 'currency'), stripe_currencies())},
    }, stripe_is_paid(found, tables.invoices) ~ named(' and [net_amount] > 0'))) %}
{% endmacro %}

{# The account that all lines of an invoice name; several are no choice of ours. #}
{% macro stripe_with_lines(source, payments, tables) %}
    {% set lines = listed_rows(payments, ['lines.data', 'lines'], 'line') %}
    {% set of_lines = one_value(lines, 'id', stripe_account(source, 'line.')) %}
    {% if not of_lines %}
        {% set of_lines = one_value(tables.invoice_line_items, stripe_ids('invoice'), stripe_account(source)) %}
    {% endif %}
    {% do return(joined_tables(payments, 'id', of_lines, 'one_key', {'lines_account': 'one_value', 'lines_several': 'has_several'})) %}
{% endmacro %}

{# An authorisation that was never captured is no payment. #}
{% macro stripe_is_paid(found, of_invoices) %}
    {% set live = is_set(found, 'livemode', 'true') ~ ' and ' ~ not_deleted(found) %}
    {% if of_invoices %}
        {% do return('coalesce(' ~ field(found, 'status') ~ ', case when ' ~ is_set(found, 'paid', 'false') ~ " then 'paid' end) = 'paid' and " ~ live) %}
    {% endif %}
    {% do return('coalesce(' ~ field(found, 'status') ~ ", 'succeeded') = 'succeeded' and " ~ is_set(found, 'paid', 'true') ~ ' and '
        ~ is_set(found, 'captured', 'true') ~ ' and ' ~ live) %}
{% endmacro %}

{# Two currencies have decimals at Stripe that they have lost, and one has lost those that it has. #}
{% macro stripe_currencies() %}
    {% do return({'isk': 100, 'ugx': 100, 'mga': 1}) %}
{% endmacro %}

{# `taken_back`: what of a payment was refunded or lost in dispute by the as-of, found by charge, invoice or payment intent. #}
{% macro stripe_with_losses(source, payments, tables) %}
    {% set losses = stripe_losses(tables) if source.refunds == 'drop' else none %}
    {% if not losses %}{% do return(payments) %}{% endif %}
    {% set losses = joined_tables(losses, 'charge_id', tables.charges, 'id', {'invoice_id': stripe_ids('invoice')}) %}
    {% set joined = namespace(found=payments, names=[]) %}
    {% for key, own in {'charge_id': 'own_charge', 'invoice_id': 'own_invoice', 'intent_id': 'own_intent'}.items() %}
        {% if key in losses.columns and (key != 'invoice_id' or tables.invoices) %}
            {% set joined.found = joined_tables(joined.found, own, summed_by(losses, key, identifier('lost')), 'sum_key', {'lost_by_' ~ key: {'sql': identifier('sum_value')}}) %}
            {% do joined.names.append(identifier('lost_by_' ~ key)) %}
        {% endif %}
    {% endfor %}
    {% do return(with_columns(joined.found, {'taken_back': 'coalesce(' ~ joined.names | join(', ') ~ ')'})) %}
{% endmacro %}

{# Amounts taken back, (charge_id, intent_id, lost): refunds and disputes say when and how it ended, else the charge as it was delivered. #}
{% macro stripe_losses(tables) %}
    {% set charges, parts = tables.charges, [] %}
    {% set amount = field(charges, 'amount', 'number') if charges %}
    {% if tables.refunds %}
        {% do parts.append(stripe_loss(tables.refunds, stripe_ids('charge'), field(tables.refunds, 'amount', 'number'), 'succeeded')) %}
    {% elif charges %}
        {% do parts.append(stripe_loss(charges, 'id',
            'case when ' ~ is_set(charges, 'refunded', 'false') ~ ' then ' ~ amount ~ ' else ' ~ field(charges, 'amount_refunded', 'number') ~ ' end')) %}
    {% endif %}
    {% if tables.disputes %}
        {% do parts.append(stripe_loss(tables.disputes, stripe_ids('charge'), field(tables.disputes, 'amount', 'number'), 'lost')) %}
    {% elif charges %}
        {% do parts.append(stripe_loss(charges, 'id', 'case when ' ~ is_set(charges, 'disputed', 'false') ~ ' then ' ~ amount ~ ' end')) %}
    {% endif %}
    {% if not parts %}{% do return(none) %}{% endif %}
    {% do return({
        'from': '(' ~ parts | join(' union all ') ~ ') as losses',
        'columns': {'charge_id': 'VARCHAR', 'intent_id': 'VARCHAR', 'lost': 'NUMERIC'},
        'address': 'refunds and disputes',
    }) %}
{% endmacro %}

{# With a status, only those of it that had come by the as-of. #}
{% macro stripe_loss(found, charge, amount, status=none) -%}
select
    {{ field(found, charge) }} as {{ identifier('charge_id') }},
    {{ field(found, stripe_ids('payment_intent')) }} as {{ identifier('intent_id') }},
    cast({{ amount }} as {{ type_measure() }}) as {{ identifier('lost') }}
from {{ found['from'] }}
{%- if status %}
where coalesce({{ field(found, 'status') }}, {{ text_literal(status) }}) = {{ text_literal(status) }}
    and coalesce({{ field(found, 'created', 'timestamp') }} <= {{ refunds_as_of() }}, true)
{%- endif %}
{%- endmacro %}

{# Subscriptions that no invoice or charge is of: paid for while they are active and cost something. #}
{% macro stripe_lone_subscriptions(source, tables, payments) %}
    {% if not tables.subscriptions %}{% do return(none) %}{% endif %}
    {% set found = stripe_with_discounts(stripe_with_price(wanted_rows(source, tables.subscriptions), tables), tables) %}
    {% set found = joined_tables(found, stripe_ids('customer'), tables.customers, 'id', {'customer_account': stripe_account(source)}) %}
    {% set paid = one_value(payments, 'paid_subscription', 'paid_subscription') %}
    {% set found = joined_tables(found, 'id', paid, 'one_key', {'paid_otherwise': 'one_value'}) %}
    {% set found = with_columns(found, {
        'began_at': field(found, ['trial_end', 'start_date', 'start', 'created'], 'timestamp'),
        'net_price': named('[gross_price] * (100 - coalesce([percent_off], 0)) / 100 - coalesce([amount_off], 0)'),
    }) %}
    {% do return(mapped_input(source, 'conversions', found, {
        'conversion_id': ['id'],
        'account_id': stripe_account(source) + stripe_account(source, 'customer.') + ['customer_account'] + stripe_ids('customer'),
        'converted_at': {'sql': named('cast(case when [free_until] > [began_at] then [free_until] else [began_at] end as ' ~ dbt.type_string() ~ ')')},
        'plan': ['plan.nickname', 'items.data.0.price.nickname', 'items.data.0.plan.nickname', 'plan.id', 'items.data.0.price.id', 'metadata.plan'],
        'amount': {'sql': whole_amount(identifier('net_price'), field(found, ['currency', 'items.data.0.price.currency', 'plan.currency']), stripe_currencies())},
    }, field(found, 'status') ~ " = 'active' and " ~ field(found, 'pause_collection') ~ named(' is null and [net_price] > 0 and ')
        ~ (named('[paid_otherwise] is null and ') if 'paid_otherwise' in found.columns else '') ~ is_set(found, 'livemode', 'true') ~ ' and '
        ~ is_set(found, '_fivetran_active', 'true') ~ ' and ' ~ not_deleted(found))) %}
{% endmacro %}

{# Subscriptions with `gross_price`: the sum of their items, inside or in a table of their own, else that of the one plan. #}
{% macro stripe_with_price(subscriptions, tables) %}
    {% set of_list = {
        'listed_price': ['unit_amount', 'unit_amount_decimal', 'amount', 'amount_decimal'],
        'listed_usage': ['recurring.usage_type', 'recurring_usage_type', 'usage_type'],
    } %}
    {% set joined = namespace(found=subscriptions, names=[]) %}
    {% set inside = listed_rows(subscriptions, ['items.data', 'items'], 'item') %}
    {% set rows = joined_tables(tables.subscription_items, ['price.id', 'price_id', 'price', 'plan.id', 'plan_id', 'plan'], tables.prices, 'id', of_list) %}
    {% for name, items, start, key in [('inside', inside, 'item.', 'id'), ('in_rows', rows, '', stripe_ids('subscription'))] if items %}
        {% set price = field(items, [start ~ 'price.unit_amount', start ~ 'price.unit_amount_decimal', start ~ 'plan.amount', start ~ 'plan.amount_decimal', 'listed_price'], 'number') %}
        {% set sum = summed_by(items, key, price ~ ' * ' ~ field(items, [start ~ 'quantity', {'sql': '1'}], 'number'), is_paid_ahead(items, start)) %}
        {% set joined.found = joined_tables(joined.found, 'id', sum, 'sum_key', {'price_' ~ name: {'sql': identifier('sum_value')}}) %}
        {% do joined.names.append(identifier('price_' ~ name)) %}
    {% endfor %}
    {% set found = joined_tables(joined.found, ['plan.id', 'plan_id', 'price_id', 'plan'], tables.prices, 'id', of_list) %}
    {% set of_plan = field(found, ['plan.amount', 'plan.amount_decimal', 'plan_amount', 'listed_price'], 'number') %}
    {% do joined.names.append('case when ' ~ is_paid_ahead(found, '') ~ ' then ' ~ of_plan ~ ' * ' ~ field(found, ['quantity', {'sql': '1'}], 'number') ~ ' end') %}
    {% do return(with_columns(found, {'gross_price': 'coalesce(' ~ joined.names | join(', ') ~ ', null)'})) %}
{% endmacro %}

{# Whether a price is due whatever is used; a metered one is paid for what was used, by an invoice, and may be nothing. #}
{% macro is_paid_ahead(found, start) -%}
coalesce({{ field(found, [start ~ 'price.recurring.usage_type', start ~ 'plan.usage_type', start ~ 'plan_usage_type', 'listed_usage']) }}, 'licensed') <> 'metered'
{%- endmacro %}

{#
    Subscriptions with `percent_off` and `amount_off`, of the discounts that hold at the as-of, those of the customer where
    the subscription has none; and with `free_until`, when one ended that had left nothing to pay.
#}
{% macro stripe_with_discounts(subscriptions, tables) %}
    {% set found = stripe_with_discount(subscriptions, 'discount.', 'own') %}
    {% set found = joined_tables(found, 'id', stripe_listed_discounts(subscriptions, tables), 'of_subscription', {
        'listed_percent': {'sql': identifier('own_percent')}, 'listed_amount': {'sql': identifier('own_amount')},
        'listed_free_until': {'sql': identifier('own_free_until')}, 'listed_unknown': 'is_unknown',
    }) %}
    {% set customers = stripe_with_discount(tables.customers, 'discount.', 'customer') %}
    {% set found = found if customers else stripe_with_discount(found, 'customer.discount.', 'customer') %}
    {% set found = joined_tables(found, stripe_ids('customer'), customers, 'id', {
        'customer_percent': {'sql': identifier('customer_percent')}, 'customer_amount': {'sql': identifier('customer_amount')},
    }) %}
    {% set of_list, of_customer = 'listed_percent' in found.columns, 'customer_percent' in found.columns %}
    {% set own = {} %}
    {% for what in ['percent', 'amount', 'free_until'] %}
        {% do own.update({what: named('coalesce([own_' ~ what ~ '], ' ~ ('[listed_' ~ what ~ ']' if of_list else 'null') ~ ')')}) %}
    {% endfor %}
    {% set has_none = 'case when ' ~ own.percent ~ ' is null and ' ~ own.amount ~ ' is null then ' %}
    {% do return(with_columns(found, {
        'percent_off': has_none ~ (identifier('customer_percent') if of_customer else 'null') ~ ' else ' ~ own.percent ~ ' end',
        'amount_off': has_none ~ (identifier('customer_amount') if of_customer else 'null') ~ ' else ' ~ own.amount ~ ' end',
        'free_until': own.free_until,
        'adapter_fault': named("case when [listed_unknown] = 'true' then 'unknown_discount' end") if of_list else field(found, []),
    })) %}
{% endmacro %}

{#
    Discounts in the list of a subscription, else those of the table of discounts. A list may hold only their ids: one that
    the table has not may leave nothing to pay.
#}
{% macro stripe_listed_discounts(subscriptions, tables) %}
    {% set kept = joined_tables(tables.discounts, stripe_ids('source.coupon') + stripe_ids('coupon'), tables.coupons, 'id', {'kept_percent': 'percent_off', 'kept_amount': 'amount_off'}) %}
    {% set listed = listed_rows(subscriptions, 'discounts', 'one') %}
    {% if not listed %}
        {% do return(stripe_with_discount(with_columns(kept, {'of_subscription': field(kept, stripe_ids('subscription')), 'is_unknown': field(kept, [])}) if kept, '', 'own')) %}
    {% endif %}
    {% set listed = joined_tables(listed, ['one.id', 'one'], kept, 'id', {
        'kept_id': 'id', 'kept_end': 'end',
        'kept_percent': ['coupon.percent_off', 'source.coupon.percent_off', 'kept_percent'],
        'kept_amount': ['coupon.amount_off', 'source.coupon.amount_off', 'kept_amount'],
    }) %}
    {% set is_known = field(listed, ['kept_id', 'one.coupon.id', 'one.source.coupon.id', 'one.coupon.percent_off', 'one.source.coupon.percent_off', 'one.coupon.amount_off', 'one.source.coupon.amount_off']) ~ ' is not null' %}
    {% do return(stripe_with_discount(with_columns(listed, {
        'of_subscription': field(listed, 'id'), 'is_unknown': 'case when not ' ~ is_known ~ " then 'true' end",
    }), 'one.', 'own')) %}
{% endmacro %}

{# What a discount at a path takes off while it holds, and when one of everything ended. #}
{% macro stripe_with_discount(found, start, name) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set found = with_columns(found, {
        'coupon_end': field(found, [start ~ 'end', 'kept_end'], 'timestamp'),
        'coupon_percent': field(found, [start ~ 'coupon.percent_off', start ~ 'source.coupon.percent_off', 'kept_percent'], 'number'),
        'coupon_amount': field(found, [start ~ 'coupon.amount_off', start ~ 'source.coupon.amount_off', 'kept_amount'], 'number'),
    }) %}
    {% set is_over = named('coalesce([coupon_end] <= ') ~ refunds_as_of() ~ ', false)' %}
    {% do return(with_columns(found, {
        name ~ '_percent': 'case when not ' ~ is_over ~ named(' then [coupon_percent] end'),
        name ~ '_amount': 'case when not ' ~ is_over ~ named(' then [coupon_amount] end'),
        name ~ '_free_until': 'case when ' ~ is_over ~ named(' and [coupon_percent] = 100 then [coupon_end] end'),
    })) %}
{% endmacro %}
