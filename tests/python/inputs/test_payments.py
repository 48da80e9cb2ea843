"""What is a payment, and whose: rows that prove none are left out, or said with their reason."""

import csv
import json
from pathlib import Path

import pytest
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
        {"name": "hubspot", "adapter": "hubspot", "folder": "hubspot", "product_account_id": OF_HUBSPOT},
        {"name": "sf", "adapter": "salesforce", "folder": "salesforce", "product_account_id": "space__c"},
    ],
}  # fmt: skip
SEAT = {"quantity": 1, "price": {"unit_amount": 900, "recurring": {"usage_type": "licensed"}}}
CALLS = {"price": {"unit_amount": 10, "recurring": {"usage_type": "metered"}}}
WON = {"dealstage": "closedwon", "closedate": "2026-03-09T10:00:00Z", "amount": "10"}


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
    ],
    "stripe/discounts.ndjson": [
        {"id": "di_half", "source": {"type": "coupon", "coupon": "half"}},
        {"id": "di_all", "coupon": {"id": "all", "percent_off": 100}},
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
    "hubspot/deals.ndjson": [
        deal("d1", "parent", "user"),
        deal("d2", "user", amount="0"),
        deal("d3", "parent", "user", "other"),
        # a connector's list of ids has the primary company twice
        {"id": "d4", "properties": WON, "companies": ["user", "other", "other"]},
    ],
    "hubspot/companies.ndjson": [
        {"id": name, "properties": {"space": space}}
        for name, space in {"parent": None, "user": "subsidiary", "other": "partner"}.items()
    ],
    "salesforce/opportunities.csv": [
        {"Id": name, "IsWon": won, "IsDeleted": deleted, "CloseDate": "2026-03-05", "space__c": name}
        for name, won, deleted in [["t", "t", "f"], ["1", "1", "0"], ["gone", "1", "1"], ["lost", "f", "f"]]
    ],
}  # fmt: skip


def write(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        if path.suffix == ".csv":
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows(rows)
        else:
            file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="module")
def built(project: Project, tmp_path_factory) -> Warehouse:
    home = tmp_path_factory.mktemp("payments")
    for name, rows in EXPORTS.items():
        write(home / "data" / name, rows)
    parts = ("stg_billing__conversions", "input_quality", "stg_inputs_rejected", "stg_product__events")
    select = [f"+{part}" for part in parts]
    command = ("build", "--select", *select, "every_row_is_read", "--exclude", "test_type:unit")
    warehouse = project.run_in(home, home / "data", VARIABLES, (*command, "--indirect-selection", "empty"))
    assert warehouse.run.success, warehouse.run.output
    return warehouse


def test_what_was_paid_for_is_a_payment(built):
    paid = {row["account_id"]: row["amount"] for row in built.rows("stg_billing__conversions")}
    of_stripe = {"of seats": 9, "of seats and used": 9, "of half price": 4.5, "of live": 9}
    own = {"corrected": -5, "unknown": None}
    assert paid == of_stripe | own | {"subsidiary": 10, "partner": 10, "t": None, "1": None}


def test_what_proves_none_is_counted_and_said_with_its_reason(built):
    rejected = built.rows("stg_inputs_rejected where input_name = 'conversions'", "row_key, reason")
    found = {(row["row_key"].split(",")[0].removeprefix("conversion_id="), row["reason"]) for row in rejected}
    assert found == {
        ("zero", "nothing_paid"),
        ("no euros", "nothing_paid"),
        ("d2", "nothing_paid"),
        ("d3", "several_accounts"),
        ("who knows", "unknown_discount"),
    }
    own = built.row("input_quality where source_name = 'own'", "raw, accepted, rejected")
    assert tuple(own.values()) == (4, 2, 2)
    assert "2 row(s) of 'conversions' (own) are rejected, nothing_paid" in built.run.output


def test_our_own_inputs_may_have_other_names_for_columns(built):
    assert built.values("stg_product__events", "event_id") == ["1"]
    [account] = built.rows("stg_product__accounts", "account_id, attributes")
    assert account["account_id"] == "acme" and json.loads(account["attributes"])["seats"] == "3"
