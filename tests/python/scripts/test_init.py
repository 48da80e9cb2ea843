"""The first look at a folder of events, and the starter it writes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from pql_tools.config_files import read_yaml

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from init import conversion_input, customer_inputs  # noqa: E402
from pql_tools.first_steps.look import (  # noqa: E402
    NothingToReadError,
    Place,
    catalogue,
    files_in,
    guess_accounts,
    guess_source,
    known_sources,
    paths_of,
    paths_to_accounts,
)

SAMPLES = ROOT / "tests" / "samples"


def init(*arguments: object, home: Path | None = None) -> subprocess.CompletedProcess:
    """Run the script; its warehouse, and what dbt writes, is in `home`."""
    command = [sys.executable, "scripts/init.py", *map(str, arguments)]
    places = {"PQL_DUCKDB_PATH": home / "mine.duckdb", "DBT_TARGET_PATH": home / "target"} if home else {}
    environment = os.environ | {name: str(path) for name, path in places.items()}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.fixture
def data(tmp_path) -> Path:
    ignore = shutil.ignore_patterns("expected_events.csv")
    return Path(shutil.copytree(SAMPLES / "segment", tmp_path / "data", ignore=ignore))


@pytest.mark.long
def test_a_segment_export_gets_its_adapter_and_criteria_in_its_own_words(data, tmp_path):
    output = tmp_path / "vars.yml"
    output.write_text("vars: {}\n")
    done = init("--data-dir", data, "--output", output)
    assert done.returncode == 0, done.stderr
    written = read_yaml(output)["vars"]
    assert written["pql_event_sources"] == [{"name": "segment", "adapter": "segment"}]
    assert written["pql_account_sources"] == [{"name": "segment", "adapter": "segment"}]
    assert ["Project Created"] in [criterion.get("events") for criterion in written["pql_criteria"]]
    assert "1 row(s) will be rejected: missing event id." in done.stdout

    # what was there is kept, and that the payments are nowhere is said
    assert (tmp_path / "vars.before.yml").read_text() == "vars: {}\n"
    assert "No payments in" in done.stdout
    # the next command builds beside the demo's warehouse, not into it
    assert f"PQL_DATA_DIR={data} PQL_DUCKDB_PATH=" in " ".join(done.stdout.split())


@pytest.mark.long
def test_tables_of_the_warehouse_are_read_by_the_dbt_profile(data, tmp_path):
    with duckdb.connect(str(tmp_path / "mine.duckdb")) as warehouse:
        warehouse.execute("create schema segment_prod")
        for path in data.glob("*.csv"):
            warehouse.execute(f"create table segment_prod.{path.stem} as from read_csv('{path}')")
    output = tmp_path / "vars.yml"
    done = init("--schema", "segment_prod", "--output", output, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    written = read_yaml(output)["vars"]
    source = {"name": "segment", "adapter": "segment", "schema": "segment_prod"}
    assert written["pql_event_sources"] == written["pql_account_sources"] == [source]
    assert ["Project Created"] in [criterion.get("events") for criterion in written["pql_criteria"]]


@pytest.mark.long
def test_with_conversions_it_builds_and_hands_over_to_discovery(data, tmp_path):
    shutil.copy(SAMPLES / "stripe" / "charges.ndjson", data)
    output = tmp_path / "vars.yml"
    done = init("--data-dir", data, "--output", output, "--conversions", home=tmp_path)
    written = read_yaml(output)["vars"]
    assert written["pql_conversion_sources"] == [{"name": "payments", "adapter": "stripe"}]
    # it was built, and discovery found too little in five accounts to learn from
    assert done.returncode == 2 and "Traceback" not in done.stdout + done.stderr
    assert "at least 20 are needed" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("sample", "variables", "hint"),
    [
        ("stripe_ends", {"pql_subscription_end_sources": [{"name": "payments", "adapter": "stripe"}]}, ""),
        ("hubspot_stages", {}, "pql_lead_stage_sources:\n  - {name: hubspot, adapter: hubspot, product"),
        ("salesforce_stages", {}, "pql_lead_stage_sources:\n  - {name: salesforce, adapter: salesforce"),
    ],
)
def test_what_became_of_customers_and_leads_is_recognised(sample, variables, hint):
    """What lacks a name that only its owner knows is a comment."""
    [(words, given)] = customer_inputs(files_in(SAMPLES / sample))
    assert given == variables and hint in words


TRACKERS = ("rudderstack", "snowplow", "posthog", "amplitude", "mixpanel", "ga4", "pendo", "heap")


@pytest.fixture(scope="module")
def adapters() -> dict:
    return catalogue()


@pytest.mark.parametrize("tracker", TRACKERS)
def test_every_tracker_is_recognised_by_its_columns(adapters, tracker):
    guess = guess_source(files_in(SAMPLES / tracker), adapters["pql_event_sources"])
    assert guess.source["adapter"] == tracker


# what else is in the folder of a sample: payments, answers of sales, records of a CRM
OTHERS = {
    "stripe": ("stripe", None, None),
    "stripe_invoices": ("stripe", None, None),
    "stripe_subscriptions": ("stripe", None, None),
    "chargebee": ("chargebee", None, None),
    "recurly": ("recurly", None, None),
    "hubspot": ("hubspot", "hubspot", "hubspot"),
    "salesforce": ("salesforce", "salesforce", "salesforce"),
    "segment": (None, None, None),
}
KINDS = ("pql_conversion_sources", "pql_feedback_sources", "pql_crm_record_sources")
OUR_ID = {"hubspot": "properties.workspace_id", "salesforce": "Workspace_Id__c"}


@pytest.mark.parametrize("folder", OTHERS)
def test_payments_answers_and_records_are_recognised_by_their_columns(adapters, folder):
    place = files_in(SAMPLES / folder)
    found = [next(iter(known_sources(place, adapters[kind])), {}) for kind in KINDS]
    assert tuple(source.get("adapter") for source in found) == OTHERS[folder]
    assert all(source["product_account_id"] == OUR_ID[folder] for source in found if folder in OUR_ID)


def test_exports_with_other_names_and_rows_inside_an_object_are_recognised(adapters, tmp_path):
    invoice = {"id": "i1", "amount_paid": 900, "credits_applied": 0, "currency_code": "USD"}
    (tmp_path / "invoices.json").write_text(json.dumps({"invoice": invoice}) + "\n")
    customer = {"customer": {"id": "c1", "cf_workspace_id": "acme"}}
    (tmp_path / "customers.json").write_text(json.dumps(customer) + "\n")
    (tmp_path / "Opportunity.csv").write_text("ID,STAGENAME,CLOSEDATE,ISWON,ACCOUNTID\n")
    (tmp_path / "Account.csv").write_text("ID,ISDELETED,WEBSITE,WORKSPACE_ID__C\n")
    found = known_sources(files_in(tmp_path), adapters["pql_conversion_sources"])
    assert {source["adapter"]: source for source in found} == {
        "chargebee": {"name": "chargebee", "adapter": "chargebee", "account_key": "workspace_id"},
        "salesforce": {
            "name": "salesforce",
            "adapter": "salesforce",
            "tables": {"opportunities": "Opportunity", "accounts": "Account"},
            "product_account_id": "WORKSPACE_ID__C",
        },
    }


def test_where_the_accounts_id_may_stand_is_found_in_the_events(tmp_path):
    """In a group of any type and in an entity beside the event; what is the same everywhere comes last."""
    schema = "iglu:com.acme/workspace/jsonschema/1-0-0"
    rows = [
        {
            "team_id": "1",
            "properties": json.dumps({"$groups": {"workspace": name}}),
            "contexts": [{"schema": schema, "data": {"id": name}}],
        }
        for name in ("acme", "beta")
    ]
    (tmp_path / "events.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert paths_to_accounts(files_in(tmp_path), "events") == [
        "contexts.0.data.id",
        "properties.$groups.workspace",
        "team_id",
    ]


def test_values_of_any_depth_are_looked_into_only_so_far():
    """Lists in lists, too deep for JSON to be read at all; and what is true is nobody's id."""
    nested = ["acme"]
    for _ in range(20):
        nested = [nested]
    deep = "[" * 100_000 + "]" * 100_000
    row = {"team_id": True, "nested": nested, "deep": deep, "account_id": 7}
    assert {path: value for path, _, value in paths_of(row)} == {"deep": deep, "account_id": "7"}


def test_a_table_that_is_there_twice_is_said(tmp_path):
    """The build would stop at it as well."""
    (tmp_path / "events.jsonl").write_text('{"event_id": "1"}\n')
    (tmp_path / "events.tsv").write_text("event_id\n1\n")
    with pytest.raises(NothingToReadError, match=r"'events' is there more than once: .*jsonl, .*tsv"):
        files_in(tmp_path)


def test_a_folder_without_events_is_one_clear_message(tmp_path):
    (tmp_path / "prices.csv").write_text("plan,price\nfree,0\n")
    done = init("--data-dir", tmp_path, "--dry-run")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "No table of events found" in done.stderr and "prices: plan, price" in done.stderr


def test_what_it_saw_is_shown_and_what_is_unsure_is_said(tmp_path):
    """Two columns could be the account: the likelier is taken, and the other named."""
    rows = ["id,happened_at,action,user,workspace_id,team_id", "1,2026-03-02 09:00:00,login,ann,acme,t1"]
    (tmp_path / "log.csv").write_text("\n".join(rows) + "\n")
    done = init("--data-dir", tmp_path, "--dry-run", home=tmp_path / "home")
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert "saw log: id, happened_at, action, user, workspace_id, team_id" in said
    assert "Which column is the account_id? Took workspace_id; it may be team_id" in said


def test_accounts_are_found_by_their_columns_and_users_and_a_crm_are_none():
    """Whatever the file is called; what the events were read from is no table of accounts."""
    place = Place("here", {
        "log": ["id", "created_at", "action", "user", "workspace_id"],
        "customers_of_ours": ["workspace_id", "company", "created", "tariff", "size"],
        "people": ["workspace_id", "email", "created_at"],
        "companies": ["team_id", "properties.name", "created_at"],
        "shown": ["account_id", "created_at"],
    })  # fmt: skip
    assert guess_accounts(place, {"log", "shown"}) == {
        "name": "customers_of_ours",
        "adapter": "table",
        "tables": {"accounts": "customers_of_ours"},
        "columns": {
            "account_id": "workspace_id", "account_name": "company",
            "signed_up_at": "created", "plan": "tariff",
        },
    }  # fmt: skip
    assert guess_accounts(place, {"log", "shown", "customers_of_ours"}) is None


OWN = Place("here", {
    "app_events": ["id", "ts", "kind", "org", "member", "payload"],
    "orgs": ["id", "title", "created", "tier", "deleted_at"],
    "subscriptions": ["id", "org_id", "state", "started", "ended", "mrr_cents"],
})  # fmt: skip


def test_tables_of_an_application_are_read_by_their_short_names():
    """An account's own table calls it `id`; subscriptions in another's columns are none of Stripe's."""
    guess = guess_source(OWN, {"table": {"title": "Any table", "tables": {}}})
    assert guess.source["columns"] == {
        "event_id": "id", "occurred_at": "ts", "event_name": "kind", "user_id": "member", "account_id": "org",
        "properties": "payload",
    }  # fmt: skip
    assert guess_accounts(OWN, {"app_events"})["columns"] == {
        "account_id": "id", "signed_up_at": "created", "account_name": "title", "plan": "tier",
        "closed_at": "deleted_at",
    }  # fmt: skip
    assert customer_inputs(OWN) == []


@pytest.mark.parametrize(
    ("place", "columns", "where"),
    [
        (OWN, {"account_id: org_id", "converted_at: started"}, "state"),
        (
            Place(
                "here", {"deals": ["Record ID", "Deal Stage", "Amount", "Close Date", "Company ID (product)"]}
            ),
            {"account_id: Company ID (product)", "converted_at: Close Date", "amount: Amount"},
            "Deal Stage",
        ),
        (
            Place(
                "here", {"invoices": ["id", "Date (UTC)", "Amount Paid", "Status", "workspace_id (metadata)"]}
            ),
            {"account_id: workspace_id (metadata)", "converted_at: Date (UTC)", "amount: Amount Paid"},
            "Status",
        ),
    ],
    ids=["a table of one's own", "an export of HubSpot's page", "an export of Stripe's page"],
)
def test_payments_of_no_known_system_are_proposed_in_a_comment(place, columns, where):
    """Which rows were paid only their owner knows, so that none are read until it is said."""
    words, given = conversion_input(place, {})
    assert given == {}
    assert all(column in words for column in columns), words
    assert f"where: {{{where}: WHAT_YOU_CALL_PAID}}" in words


def test_what_is_unsure_is_asked_at_a_terminal(tmp_path, monkeypatch):
    import init as script

    asked = []
    monkeypatch.setattr(script.sys, "stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr(
        script.Prompt, "ask", lambda question, choices, **_: asked.append(question) or choices[-1]
    )
    columns = ["id", "happened_at", "action", "user", "workspace_id", "team_id"]
    place = script.Place("here", {"log": columns})
    table = {"table": {"title": "Any table", "tables": {}}}
    guess = script.settled(guess_source(place, table), place, table)
    assert asked == ["Which column is the account_id?"]
    assert guess.source["columns"]["account_id"] == "team_id"
