"""What is a payment, and whose: rows that prove none are left out, or said with their reason."""

import json

import pytest
from exports import write_rows
from harness import Project, Warehouse

OF_HUBSPOT = "properties.space"
VARIABLES = {
    "pql_as_of": "2026-03-31",
    "pql_criteria": [{"name": "one", "type": "event_count", "at_least": 1}],
    "pql_definitions": [{"name": "lead", "qualifies_when": "one"}],
    "pql_event_sources": [
        {"name": "log", "adapter": "canonical", "columns": {"event_id": "number", "occurred_at": "at"}}
    ],
    "pql_account_sources": [
        {
            "name": "spaces",
            "adapter": "canonical",
            "columns": {"account_id": "space"},
            "attributes": {"seats": "bought.seats"},
        }
    ],
    "pql_conversion_sources": [
        {
            "name": "own",
            "adapter": "canonical",
            "tables": {"conversions": "paid"},
            "columns": {"account_id": "space"},
        },
        {"name": "stripe", "adapter": "stripe", "folder": "stripe"},
        {"name": "copy_of_stripe", "adapter": "stripe", "folder": "copy"},
        {"name": "charges", "adapter": "stripe", "folder": "charges"},
        {"name": "invoices", "adapter": "stripe", "folder": "invoices"},
        {"name": "again", "adapter": "stripe", "folder": "again"},
        {"name": "chargebee", "adapter": "chargebee", "folder": "chargebee"},
        {"name": "recurly", "adapter": "recurly", "folder": "recurly"},
        {"name": "hubspot", "adapter": "hubspot", "folder": "hubspot", "product_account_id": OF_HUBSPOT},
        {"name": "old_hubspot", "adapter": "hubspot", "folder": "old_hubspot",
         "product_account_id": f"{OF_HUBSPOT}.value"},
        {"name": "sf", "adapter": "salesforce", "folder": "salesforce", "product_account_id": "space__c"},
    ],
    "pql_subscription_end_sources": [{"name": "again", "adapter": "stripe", "folder": "again"}],
}  # fmt: skip
SEAT = {"quantity": 1, "price": {"unit_amount": 900, "recurring": {"usage_type": "licensed"}}}
CHARGED = {"amount": 900, "currency": "usd", "status": "succeeded", "created": 1772500000}
INVOICE = {"status": "paid", "amount_paid": 900, "currency_code": "USD", "paid_at": 1772500000}
BY_RECURLY = {"account": {"code": "by recurly"}, "status": "success", "collected_at": "2026-03-05T10:00:00Z"}
OF_T1 = {"original_transaction": {"id": "t1"}}
PAID_BACK = {"cn_status": "refunded", "cn_total": 900, "cn_date": 1772600000}
OF_HALF = {"cn_id": "n", "cn_total": 450}
CALLS = {"price": {"unit_amount": 10, "recurring": {"usage_type": "metered"}}}
OFF_A_FIFTH, OFF_A_HALF = ({"coupon": {"percent_off": percent}} for percent in (20, 50))
OF_LOST = {"source": {"type": "coupon", "coupon": "lost"}}
TIERS = {"quantity": 5, "price": {"unit_amount": None, "billing_scheme": "tiered"}}
WON = {"dealstage": "closedwon", "closedate": "2026-03-09T10:00:00Z", "amount": "10"}

OLD_DEAL = WON | {"space": "since long"}
SALE = {"IsWon": "t", "IsDeleted": "f", "CloseDate": "2026-03-05"}


def subscription(name: str, *items: dict, **columns) -> dict:
    """An active subscription, billed for what its items say."""
    known = {"id": name, "status": "active", "start_date": 1772500000, "customer": f"of {name}"}
    return known | {"currency": "usd", "items": {"data": items}} | columns


def deal(name: str, *companies: str, **properties) -> dict:
    """A deal won, the first company being the primary one."""
    links = [
        {"id": company, "type": "deal_to_company_unlabeled" if number else "deal_to_company"}
        for number, company in enumerate(companies)
    ]
    return {"id": name, "properties": WON | properties, "associations": {"companies": {"results": links}}}


EXPORTS = {
    "events.csv": [{"number": 1, "at": "2026-03-02", "event_name": "a", "account_id": "acme"}],
    "accounts.ndjson": [{"space": "acme", "bought": {"seats": 3}}],
    # below nothing is a correction of the user's own; nothing is none, however it is written
    "paid.csv": [
        {"conversion_id": name, "space": name, "converted_at": "2026-03-05", "amount": amount}
        for name, amount in {"corrected": "-5", "zero": "0.00", "no euros": "€ 0", "unknown": ""}.items()
    ],
    "stripe/subscriptions.ndjson": [
        subscription("seats", SEAT),
        subscription("used", CALLS),
        subscription("seats and used", SEAT, CALLS),
        subscription("used as a plan", plan={"amount": 10, "usage_type": "metered"}),
        subscription("half price", SEAT, discounts=["di_half"]),
        subscription("for nothing", SEAT, discounts=["di_all"]),
        subscription("who knows", SEAT, discounts=["di_lost"]),
        # discounts of an item, several, and one whose coupon stands in a table of its own
        subscription("a free seat", SEAT | {"discounts": [{"coupon": {"percent_off": 100}}]}),
        subscription("a seat who knows", SEAT | {"discounts": ["di_lost"]}),
        subscription("a seat free in the end", SEAT | {"discounts": [OFF_A_FIFTH, "di_all"]}),
        subscription("half of half a seat", SEAT | {"discounts": ["di_half", OFF_A_HALF]}),
        subscription("twice off", SEAT, discounts=[{"coupon": {"amount_off": 450}}] * 2),
        subscription("half off", SEAT, discount={"source": {"type": "coupon", "coupon": "half"}}),
        subscription("of a customer who knows", SEAT, customer={"id": "c", "discount": OF_LOST}),
        # of several discounts in a list the singular one is the first; items may be rows of their own
        subscription("one of two", SEAT, discount={"id": "di_450"}, discounts=["di_450", "di_450"]),
        subscription("a row for nothing", items=None),
        # a price in tiers is more than nothing only where something else is
        subscription("in tiers", TIERS),
        subscription("seats in tiers", SEAT, TIERS),
        subscription("tiers for nothing", TIERS, discounts=["di_all"]),
    ],
    "stripe/discounts.ndjson": [
        {"id": "di_half", "source": {"type": "coupon", "coupon": "half"}},
        {"id": "di_all", "coupon": {"id": "all", "percent_off": 100}},
        {"id": "di_450", "coupon": {"id": "450", "amount_off": 450}},
    ],
    "stripe/subscription_items.ndjson": [
        {"id": "si", "subscription": "a row for nothing", "discounts": ["di_all"]} | SEAT
    ],
    "stripe/coupons.ndjson": [{"id": "half", "percent_off": 50}],
    # as connectors lay it out: flags as a database writes them, discounts in a table of their own
    "copy/subscriptions.csv": [
        {"id": name, "status": "active", "start_date": 1772500000, "livemode": live, "plan_amount": 900}
        | {"customer": f"of {name}"}
        for name, live in {"live": "t", "test": "f", "given": "1"}.items()
    ],
    "copy/discounts.csv": [{"subscription_id": "given", "coupon_id": "all"}],
    "copy/coupons.csv": [{"id": "all", "percent_off": 100}],
    # a charge without its invoice is of the subscription whose latest invoice it paid
    "charges/charges.ndjson": [
        {"id": f"ch_{name}", "payment_intent": f"pi_{name}", "invoice": None, "customer": "of all"} | CHARGED
        for name in ("card", "bank")
    ],
    "charges/subscriptions.ndjson": [
        {"id": name, "status": "active", "latest_invoice": paid, "metadata": {"account_id": name}}
        for name, paid in {
            "by card": {"id": "in_1", "charge": "ch_card"},
            "by bank": {"id": "in_2", "payment_intent": "pi_bank"},
            "without a price": {"id": "in_3"},
        }.items()
    ],
    # an invoice keeps the metadata of its subscription
    "invoices/invoices.ndjson": [
        {"id": name, "amount_paid": 900, "customer": "c"} | CHARGED | {"status": "paid"} | of_subscription
        for name, of_subscription in {
            "in_1": {"subscription_details": {"metadata": {"account_id": "kept"}}},
            "in_2": {"parent": {"subscription_details": {"metadata": {"account_id": "kept in the parent"}}}},
        }.items()
    ],
    # beside them a charge, whose own invoice is not there, says whose subscription is billed
    "invoices/charges.ndjson": [{"id": "ch", "invoice": "in_gone", "customer": "c"} | CHARGED],
    "invoices/subscriptions.ndjson": [
        subscription("charged", SEAT, latest_invoice="in_gone"),
        subscription("alone", SEAT),
    ],
    # a load that only appends: what was delivered twice is there once, and what has changed is as it was last
    "again/charges.ndjson": [{"id": "ch", "customer": "of half back"} | CHARGED] * 2,
    "again/refunds.ndjson": [{"id": "re", "charge": "ch", "amount": 450, "created": 1772600000}] * 2,
    "again/subscriptions.ndjson": [
        subscription("the same", SEAT | {"id": "si_1"}, discounts=[{"coupon": {"amount_off": 450}}])
    ] * 2 + [
        subscription("left", SEAT | {"id": "si_2"}, _airbyte_extracted_at="2026-03-01T00:00:00Z"),
        subscription("left", SEAT | {"id": "si_2"}, _airbyte_extracted_at="2026-03-20T00:00:00Z")
        | {"status": "canceled", "ended_at": 1773500000},
    ],
    "recurly/transactions.ndjson": [
        BY_RECURLY | {"id": "t1", "type": "purchase", "amount": 20},
        *[BY_RECURLY | OF_T1 | {"id": "t2", "type": "refund", "amount": 12}] * 2,
    ],
    # without credit notes of their own invoices say what was paid back
    "chargebee/invoices.ndjson": [
        INVOICE | {"id": name, "customer_id": name, "issued_credit_notes": [PAID_BACK | note]}
        for name, note in {
            "wholly": {}, "in part": {"cn_total": 400}, "not yet": {"cn_status": "refund_due"},
            "later": {"cn_date": 1780000000},
        }.items()
    ] + [
        INVOICE | {"id": "noted", "customer_id": "noted", "issued_credit_notes": [PAID_BACK | OF_HALF]}
    ] * 2,
    "hubspot/deals.ndjson": [
        deal("d1", "parent", "user"),
        deal("d2", "user", amount="0"),
        deal("d3", "parent", "user", "other"),
        # a connector's list of ids has the primary company twice
        {"id": "d4", "properties": WON, "companies": ["user", "other", "other"]},
        # the primary company is archived, another one lives; and one that stands alone
        deal("d5", "closed", "third"),
        deal("d6", "shut"),
        # won, and then not
        deal("d7", space="reopened") | {"updatedAt": "2026-03-09T10:00:00Z"},
        deal("d7", space="reopened", dealstage="contractsent") | {"updatedAt": "2026-03-10T10:00:00Z"},
    ],
    "hubspot/companies.ndjson": [
        {"id": name, "properties": {"space": space}, "archived": name in ("closed", "shut")}
        for name, space in {
            "parent": None, "user": "subsidiary", "other": "partner",
            "closed": "closed", "shut": "shut", "third": "third",
        }.items()
    ],
    # the oldest interface has each property with its history
    "old_hubspot/deals.ndjson": [
        {"dealId": 7, "properties": {key: {"value": value} for key, value in OLD_DEAL.items()}}
    ],
    "salesforce/opportunities.csv": [
        SALE | {"Id": name, "IsWon": won, "IsDeleted": deleted, "space__c": name, "AccountId": ""}
        for name, won, deleted in [["t", "t", "f"], ["1", "1", "0"], ["gone", "1", "1"], ["lost", "f", "f"]]
    ] + [SALE | {"Id": "o", "space__c": "", "AccountId": "001000000000002"}],
    # merged into another, which has the account of the product now
    "salesforce/accounts.csv": [
        {"Id": "001000000000001AAA", "space__c": "master", "MasterRecordId": ""},
        {"Id": "001000000000002AAA", "space__c": "servant", "MasterRecordId": "001000000000001"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def built(project: Project, tmp_path_factory) -> Warehouse:
    home = tmp_path_factory.mktemp("payments")
    for name, rows in EXPORTS.items():
        write_rows(home / "data" / name, rows)
    parts = (
        "stg_billing__conversions",
        "stg_billing__subscription_ends",
        "input_quality",
        "stg_inputs_rejected",
        "stg_product__events",
    )
    select = [f"+{part}" for part in parts]
    command = ("build", "--select", *select, "every_row_is_read", "--exclude", "test_type:unit")
    warehouse = project.run_in(home, home / "data", VARIABLES, (*command, "--indirect-selection", "empty"))
    assert warehouse.run.success, warehouse.run.output
    return warehouse


def test_what_was_paid_for_is_a_payment(built):
    paid = {row["account_id"]: row["amount"] for row in built.rows("stg_billing__conversions")}
    of_stripe = {"of seats": 9, "of seats and used": 9, "of half price": 4.5, "of live": 9}
    of_stripe |= {"of half off": 4.5, "of seats in tiers": 9, "of half of half a seat": 2.25}
    of_stripe |= {"of alone": 9, "by card": 9, "by bank": 9, "kept": 9, "kept in the parent": 9}
    of_stripe |= {"of half back": 4.5, "of the same": 4.5}
    of_chargebee = {"in part": 5, "not yet": 9, "later": 9, "noted": 4.5, "by recurly": 8}
    own = {"corrected": -5, "unknown": None}
    of_hubspot = dict.fromkeys(["subsidiary", "partner", "third", "shut", "since long"], 10)
    assert paid == of_stripe | of_chargebee | own | of_hubspot | {"t": None, "1": None, "master": None}


def test_what_proves_none_is_counted_and_said_with_its_reason(built):
    rejected = built.rows("stg_inputs_rejected where input_name = 'conversions'", "row_key, reason")
    found = {(row["row_key"].split(",")[0].removeprefix("conversion_id="), row["reason"]) for row in rejected}
    assert found == {
        ("zero", "nothing_paid"),
        ("no euros", "nothing_paid"),
        ("d2", "nothing_paid"),
        ("d3", "several_accounts"),
        ("who knows", "unknown_discount"),
        ("a seat who knows", "unknown_discount"),
        ("of a customer who knows", "unknown_discount"),
        ("in tiers", "unknown_price"),
    }
    own = built.row("input_quality where source_name = 'own'", "raw, accepted, rejected")
    assert tuple(own.values()) == (4, 2, 2)
    assert "2 row(s) of 'conversions' (own) are rejected, nothing_paid" in built.run.output


def test_a_subscription_that_was_delivered_again_has_ended_when_it_was_last_said_to_have(built):
    assert built.values("stg_billing__subscription_ends", "account_id") == ["of left"]


def test_our_own_inputs_may_have_other_names_for_columns(built):
    assert built.values("stg_product__events", "event_id") == ["1"]
    [account] = built.rows("stg_product__accounts", "account_id, attributes")
    assert account["account_id"] == "acme" and json.loads(account["attributes"])["seats"] == "3"
