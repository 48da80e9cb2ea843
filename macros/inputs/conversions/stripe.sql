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
            'invoice_line_items': {'is': 'one row per line of an invoice', 'id_repeats': true},
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
                'is': 'metadata of the invoice or charge, its lines, its subscription (that of its invoice, else the one whose `latest_invoice` it paid; else what the invoice keeps of it in `subscription_details`), the customer; else the customer id',
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

{# What an invoice, or the invoice of a charge, says of the account: that of its subscription as it was then. #}
{% macro stripe_account_then(source) %}
    {% set paths = [] %}
    {% for start in ['subscription.', 'subscription_details.', 'parent.subscription_details.', 'invoice.', 'invoice.subscription_details.', 'invoice.parent.subscription_details.'] %}
        {% do paths.extend(stripe_account(source, start)) %}
    {% endfor %}
    {% do return(paths) %}
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
    {% set joined = namespace(found=found) %}
    {% for own, key in [
        ('own_invoice', stripe_ids('latest_invoice')),
        ('own_charge', stripe_ids('latest_invoice.charge')),
        ('own_intent', stripe_ids('latest_invoice.payment_intent') + ['latest_invoice.payments.data.0.payment.payment_intent']),
    ] %}
        {% set joined.found = joined_tables(joined.found, own, tables.subscriptions, key, {'latest_by_' ~ own: 'id'}) %}
    {% endfor %}
    {% do return(with_columns(joined.found, {'paid_subscription': field(joined.found, ['own_subscription', 'latest_by_own_invoice', 'latest_by_own_charge', 'latest_by_own_intent'])})) %}
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
        'account_id': ['own_account', 'lines_account', 'subscription_account'] + stripe_account_then(source)
            + ['expanded_customer_account', 'customer_account', 'own_customer'],
        'converted_at': ['own_moment'],
        'plan': ['lines.data.0.price.nickname', 'lines.data.0.plan.nickname', 'metadata.plan', 'metadata_plan'],
        'amount': {'sql': whole_amount(quoted_name('net_amount'), field(found, 'currency'), stripe_currencies())},
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
            {% set joined.found = joined_tables(joined.found, own, summed_by(losses, key, quoted_name('lost')), 'sum_key', {'lost_by_' ~ key: {'sql': quoted_name('sum_value')}}) %}
            {% do joined.names.append(quoted_name('lost_by_' ~ key)) %}
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

{# With a status, only those of it that had come by the as-of. One delivered twice is one. #}
{% macro stripe_loss(found, charge, amount, status=none) -%}
select
    max({{ field(found, charge) }}) as {{ quoted_name('charge_id') }},
    max({{ field(found, stripe_ids('payment_intent')) }}) as {{ quoted_name('intent_id') }},
    max(cast({{ amount }} as {{ type_measure() }})) as {{ quoted_name('lost') }}
from {{ found['from'] }}
{%- if status %}
where coalesce({{ field(found, 'status') }}, {{ text_literal(status) }}) = {{ text_literal(status) }}
    and {{ had_come_back(field(found, 'created', 'timestamp')) }}
{%- endif %}
group by {{ field(found, 'id') if column_like(found, 'id') else field(found, charge) ~ ', ' ~ field(found, 'created') ~ ', ' ~ amount }}
{%- endmacro %}

{# Subscriptions that no invoice or charge is of: paid for while they are active and cost something. #}
{% macro stripe_lone_subscriptions(source, tables, payments) %}
    {% if not tables.subscriptions %}{% do return(none) %}{% endif %}
    {% set found = stripe_with_discounts(stripe_with_price(wanted_rows(source, tables.subscriptions), tables, true), tables) %}
    {% set found = joined_tables(found, stripe_ids('customer'), tables.customers, 'id', {'customer_account': stripe_account(source)}) %}
    {% set charges = stripe_payments(source, dict(tables, invoices=none)) if tables.invoices %}
    {% set joined = namespace(found=found) %}
    {% for name, rows in {'paid_otherwise': payments, 'charged_otherwise': charges}.items() %}
        {% set paid = one_value(rows, 'paid_subscription', 'paid_subscription') %}
        {% set joined.found = joined_tables(joined.found, 'id', paid, 'one_key', {name: 'one_value'}) %}
    {% endfor %}
    {% set found = joined.found %}
    {% set found = with_columns(found, {
        'began_at': field(found, ['trial_end', 'start_date', 'start', 'created'], 'timestamp'),
        'net_price': named('[gross_price] * (100 - coalesce([percent_off], 0)) / 100 - coalesce([amount_off], 0)'),
    }) %}
    {% set found = with_columns(found, {'adapter_fault': stripe_fault(tables, payments)}) %}
    {% do return(mapped_input(source, 'conversions', found, {
        'conversion_id': ['id'],
        'account_id': stripe_account(source) + stripe_account(source, 'customer.') + ['customer_account'] + stripe_ids('customer'),
        'converted_at': {'sql': named('cast(case when [free_until] > [began_at] then [free_until] else [began_at] end as ' ~ dbt.type_string() ~ ')')},
        'plan': ['plan.nickname', 'items.data.0.price.nickname', 'items.data.0.plan.nickname', 'plan.id', 'items.data.0.price.id', 'metadata.plan'],
        'amount': {'sql': whole_amount(quoted_name('net_price'), field(found, ['currency', 'items.data.0.price.currency', 'plan.currency']), stripe_currencies())},
    }, field(found, 'status') ~ " = 'active' and " ~ field(found, ['pause_collection', 'pause_collection_behavior']) ~ named(" is null and ([net_price] > 0 or [adapter_fault] = 'unknown_price') and ")
        ~ field(found, ['paid_otherwise', 'charged_otherwise']) ~ ' is null and ' ~ is_set(found, 'livemode', 'true') ~ ' and '
        ~ is_set(found, '_fivetran_active', 'true') ~ ' and ' ~ not_deleted(found))) %}
{% endmacro %}

{# What of a subscription is not known that could leave nothing to pay. One without any price beside payments only says whose they are. #}
{% macro stripe_fault(tables, payments) %}
    {% set is_priced = tables.subscription_items or field_is_there(tables.subscriptions, ['items', 'plan', 'plan_id', 'plan_amount', 'price_id']) %}
    {% set unknown_price = "when [unknown_price] = 'true' and coalesce([net_price], 0) <= 0 and coalesce([percent_off], 0) < 100 then 'unknown_price' " %}
    {% do return(named('case ' ~ (unknown_price if is_priced or not payments else '') ~ "when coalesce([unknown_item_discount], [unknown_discount]) = 'true' then 'unknown_discount' end")) %}
{% endmacro %}

{#
    Subscriptions with `gross_price`: the sum of their items, inside or in a table of their own, else that of the one plan; and
    with `unknown_price`, where something is to be paid ahead of which nothing says how much, such as a price in tiers.
#}
{% macro stripe_with_price(subscriptions, tables, is_discounted=false) %}
    {% set of_list = {
        'listed_price': ['unit_amount', 'unit_amount_decimal', 'amount', 'amount_decimal'],
        'listed_usage': ['recurring.usage_type', 'recurring_usage_type', 'usage_type'],
    } %}
    {% set joined = namespace(found=subscriptions, names=[], unknown=[], discounts=[]) %}
    {% set inside = once_each(listed_rows(subscriptions, ['items.data', 'items'], 'item'), ['id', ['item.id', 'item']], quoted_name('item')) %}
    {% set rows = once_each(tables.subscription_items, ['id'], field(tables.subscription_items, stripe_ids('subscription')) if tables.subscription_items) %}
    {% set rows = joined_tables(rows, ['price.id', 'price_id', 'price', 'plan.id', 'plan_id', 'plan'], tables.prices, 'id', of_list) %}
    {% if is_discounted %}
        {% set inside = stripe_with_item_discounts(inside, tables, 'item.discounts', 'item') %}
        {% set rows = stripe_with_item_discounts(rows, tables, 'discounts', 'subscription') %}
    {% endif %}
    {% for name, items, start, key in [('inside', inside, 'item.', 'id'), ('in_rows', rows, '', stripe_ids('subscription'))] if items %}
        {% set sum = stripe_summed_items(items, start, key) %}
        {% set joined.found = joined_tables(joined.found, 'id', sum, 'sum_key', {'price_' ~ name: {'sql': quoted_name('sum_value')}, 'unknown_' ~ name: 'has_unknown', 'discount_' ~ name: 'has_unknown_discount'}) %}
        {% do joined.names.append(quoted_name('price_' ~ name)) %}
        {% do joined.unknown.append(quoted_name('unknown_' ~ name)) %}
        {% do joined.discounts.append(quoted_name('discount_' ~ name)) %}
    {% endfor %}
    {% set found = joined_tables(joined.found, ['plan.id', 'plan_id', 'price_id', 'plan'], tables.prices, 'id', of_list) %}
    {% set price = field(found, ['plan.amount', 'plan.amount_decimal', 'plan_amount', 'listed_price'], 'number') %}
    {% set of_plan = 'case when ' ~ is_paid_ahead(found, '') ~ ' then ' ~ price ~ ' * ' ~ field(found, ['quantity', {'sql': '1'}], 'number') ~ ' end' %}
    {% set plan_is_unknown = 'case when ' ~ is_paid_ahead(found, '') ~ ' and ' ~ price ~ " is null then 'true' else 'false' end" %}
    {% do return(with_columns(found, {
        'gross_price': 'coalesce(' ~ (joined.names + [of_plan]) | join(', ') ~ ', null)',
        'unknown_price': 'coalesce(' ~ (joined.unknown + [plan_is_unknown]) | join(', ') ~ ", 'false')",
        'unknown_item_discount': 'coalesce(' ~ (joined.discounts + [field(found, [])]) | join(', ') ~ ')',
    })) %}
{% endmacro %}

{# Items with what their own discounts take off: `path` is where these stand, `key` what makes an item itself. #}
{% macro stripe_with_item_discounts(items, tables, path, key) %}
    {% if not items or not field_is_there(items, path) %}{% do return(items) %}{% endif %}
    {% set keyed = with_columns(items, {'item_key': dbt.concat([field(items, ['id', {'sql': "''"}]), "' '", field(items, [key, {'sql': "''"}])])}) %}
    {% set off = stripe_summed_discounts(listed_rows(keyed, path, 'one'), tables, 'one.', 'item_key') %}
    {% do return(joined_tables(keyed, 'item_key', off, 'of_key', {
        'item_percent': {'sql': quoted_name('one_percent')}, 'item_amount': {'sql': quoted_name('one_amount')}, 'item_unknown': 'one_unknown',
    })) %}
{% endmacro %}

{# What the items of a subscription cost together, after discounts of their own: (sum_key, sum_value), and what of it nothing says. #}
{% macro stripe_summed_items(items, start, key) %}
    {% set price = field(items, [start ~ 'price.unit_amount', start ~ 'price.unit_amount_decimal', start ~ 'plan.amount', start ~ 'plan.amount_decimal', 'listed_price'], 'number') %}
    {% set keyed = with_columns(items, {
        'sum_key': field(items, key),
        'is_ahead': 'case when ' ~ is_paid_ahead(items, start) ~ " then 'true' end",
        'full_price': price ~ ' * ' ~ field(items, [start ~ 'quantity', {'sql': '1'}], 'number'),
        'own_percent_off': quoted_name('item_percent') if 'item_percent' in items.columns else field(items, [], 'number'),
        'own_amount_off': quoted_name('item_amount') if 'item_amount' in items.columns else field(items, [], 'number'),
        'off_unknown': quoted_name('item_unknown') if 'item_unknown' in items.columns else field(items, []),
    }) %}
    {% set net = named('[full_price] * (100 - coalesce([own_percent_off], 0)) / 100 - coalesce([own_amount_off], 0)') %}
    {% set from %}
(
    select
        {{ quoted_name('sum_key') }},
        sum(case when {{ named("[is_ahead] = 'true'") }} then {{ net }} end) as {{ quoted_name('sum_value') }},
        max(case when {{ named("[is_ahead] = 'true' and [full_price] is null") }} then 'true' else 'false' end) as {{ quoted_name('has_unknown') }},
        max({{ quoted_name('off_unknown') }}) as {{ quoted_name('has_unknown_discount') }}
    from {{ keyed['from'] }}
    where {{ quoted_name('sum_key') }} is not null
    group by {{ quoted_name('sum_key') }}
) as summed
    {% endset %}
    {% do return({'from': from, 'columns': {'sum_key': 'VARCHAR', 'sum_value': 'VARCHAR', 'has_unknown': 'VARCHAR', 'has_unknown_discount': 'VARCHAR'}, 'address': items.address}) %}
{% endmacro %}

{# Whether a price is due whatever is used; a metered one is paid for what was used, by an invoice, and may be nothing. #}
{% macro is_paid_ahead(found, start) -%}
coalesce({{ field(found, [start ~ 'price.recurring.usage_type', start ~ 'plan.usage_type', start ~ 'plan_usage_type', 'listed_usage']) }}, 'licensed') <> 'metered'
{%- endmacro %}

{#
    Subscriptions with `percent_off` and `amount_off`, of the discounts that hold at the as-of, those of the customer where
    the subscription has none; with `free_until`, when one ended that had left nothing to pay; and with `unknown_discount`,
    where nothing says what one takes off.
#}
{% macro stripe_with_discounts(subscriptions, tables) %}
    {% set found = stripe_with_discount(subscriptions, tables, 'discount.', 'own') %}
    {% set of_list, of_customer = {}, {} %}
    {% for what in ['percent', 'amount', 'free_until', 'unknown'] %}
        {% do of_list.update({'listed_' ~ what: {'sql': quoted_name('one_' ~ what)}}) %}
        {% do of_customer.update({'customer_' ~ what: {'sql': quoted_name('customer_' ~ what)}}) %}
    {% endfor %}
    {% set found = joined_tables(found, 'id', stripe_listed_discounts(subscriptions, tables), 'of_key', of_list) %}
    {% set customers = stripe_with_discount(tables.customers, tables, 'discount.', 'customer') %}
    {% set found = found if customers else stripe_with_discount(found, tables, 'customer.discount.', 'customer') %}
    {% set found = joined_tables(found, stripe_ids('customer'), customers, 'id', of_customer) %}
    {# `discount` is one of the list where both are there; of a list of mere ids it is what is known #}
    {% set own = {} %}
    {% for what in ['percent', 'amount', 'free_until', 'unknown'] %}
        {% do own.update({what: named('coalesce([listed_' ~ what ~ '], [own_' ~ what ~ '])' if 'listed_' ~ what in found.columns else '[own_' ~ what ~ ']')}) %}
    {% endfor %}
    {% set has_none = 'case when coalesce(' ~ own.percent ~ ', ' ~ own.amount ~ ') is null and ' ~ own.unknown ~ ' is null then ' %}
    {% set added = {'free_until': own.free_until} %}
    {% for name, what in {'percent_off': 'percent', 'amount_off': 'amount', 'unknown_discount': 'unknown'}.items() %}
        {% set of_customer = quoted_name('customer_' ~ what) if 'customer_' ~ what in found.columns else 'null' %}
        {% do added.update({name: has_none ~ of_customer ~ ' else ' ~ own[what] ~ ' end'}) %}
    {% endfor %}
    {% do return(with_columns(found, added)) %}
{% endmacro %}

{# What all discounts in the list of a subscription, else those of it in the table of discounts, take off together. #}
{% macro stripe_listed_discounts(subscriptions, tables) %}
    {% set listed = listed_rows(once_each(subscriptions, ['id', 'discounts']), 'discounts', 'one') %}
    {% do return(stripe_summed_discounts(listed, tables, 'one.', 'id') if listed
        else stripe_summed_discounts(once_each(tables.discounts, ['id']), tables, '', stripe_ids('subscription'))) %}
{% endmacro %}

{# Discounts of one thing together: a percentage is of what the others leave, 50 and 50 being 75. #}
{% macro stripe_summed_discounts(discounts, tables, start, key) %}
    {% if not discounts %}{% do return(none) %}{% endif %}
    {% set listed = stripe_with_discount(with_columns(discounts, {'of_key': field(discounts, key)}), tables, start, 'one') %}
    {% set from %}
(
    select
        {{ named('
        [of_key],
        case
            when max([one_percent]) < 100 then 100 - round(cast(100 * exp(sum(ln(1 - least(coalesce([one_percent], 0), 99.999999) / 100))) as ' ~ type_measure() ~ '), 4)
            else max([one_percent])
        end as [one_percent],
        sum([one_amount]) as [one_amount],
        max([one_free_until]) as [one_free_until],
        max([one_unknown]) as [one_unknown]') | trim }}
    from {{ listed['from'] }}
    where {{ quoted_name('of_key') }} is not null
    group by {{ quoted_name('of_key') }}
) as discounted
    {% endset %}
    {% set columns = {} %}
    {% for name in ['of_key', 'one_percent', 'one_amount', 'one_free_until', 'one_unknown'] %}{% do columns.update({name: 'VARCHAR'}) %}{% endfor %}
    {% do return({'from': from, 'columns': columns, 'address': listed.address}) %}
{% endmacro %}

{#
    What a discount at a path takes off while it holds, as <name>_percent and <name>_amount; when one of everything ended, as
    <name>_free_until; and in <name>_unknown whether only its id is there, or that of its coupon, and no table has it.
#}
{% macro stripe_with_discount(found, tables, start, name) %}
    {% if not found %}{% do return(none) %}{% endif %}
    {% set whole = start[:-1] if start else 'id' %}
    {% set found = joined_tables(found, [start ~ 'id', whole], tables.discounts if start else none, 'id', {
        'kept_end': 'end', 'kept_coupon': stripe_ids('source.coupon') + stripe_ids('coupon'),
        'kept_percent': ['coupon.percent_off', 'source.coupon.percent_off'], 'kept_amount': ['coupon.amount_off', 'source.coupon.amount_off'],
    }) %}
    {% set coupon = stripe_ids(start ~ 'source.coupon') + stripe_ids(start ~ 'coupon') + ['kept_coupon'] %}
    {% set found = joined_tables(found, coupon, tables.coupons, 'id', {'of_coupon_percent': 'percent_off', 'of_coupon_amount': 'amount_off'}) %}
    {% set off = {} %}
    {% for what in ['percent', 'amount'] %}
        {% do off.update({what: field(found, [start ~ 'coupon.' ~ what ~ '_off', start ~ 'source.coupon.' ~ what ~ '_off', 'kept_' ~ what, 'of_coupon_' ~ what], 'number')}) %}
    {% endfor %}
    {% set found = with_columns(found, {
        'coupon_end': field(found, [start ~ 'end', 'kept_end'], 'timestamp'),
        'coupon_percent': off.percent,
        'coupon_amount': off.amount,
        'coupon_there': field(found, [whole] + coupon),
    }) %}
    {% set is_over = named('coalesce([coupon_end] <= ') ~ refunds_as_of() ~ ', false)' %}
    {% do return(with_columns(found, {
        name ~ '_percent': 'case when not ' ~ is_over ~ named(' then [coupon_percent] end'),
        name ~ '_amount': 'case when not ' ~ is_over ~ named(' then [coupon_amount] end'),
        name ~ '_free_until': 'case when ' ~ is_over ~ named(' and [coupon_percent] = 100 then [coupon_end] end'),
        name ~ '_unknown': 'case when not ' ~ is_over ~ named(" and [coupon_there] is not null and coalesce([coupon_percent], [coupon_amount]) is null then 'true' end"),
    })) %}
{% endmacro %}
