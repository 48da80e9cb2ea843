"""Every tutorial, command by command, as somebody would type it into a checkout of the project."""

import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from exports import write_rows
from harness import ROOT

pytestmark = pytest.mark.long

TUTORIALS = ROOT / "docs" / "tutorials"
CHECKOUT = (
    *("analyses", "definitions", "docs", "macros", "models", "scripts", "seeds", "tests"),
    *("dbt_project.yml", "profiles.yml", "selectors.yml", "vars.yml", "vars.schema.json"),
)
START = datetime(2026, 3, 2, 9)
# accounts, and how many days of four weeks each of its people is active
ACCOUNTS = {"acme": (4, 27), "bolt": (2, 9), "cargo": (3, 20), "dune": (1, 3), "echo": (1, 1)}


def commands(page: str) -> str:
    """The blocks marked `sh`, as one script that stops at the first command that fails."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (TUTORIALS / page).read_text(), re.M | re.S)
    return "set -euo pipefail\n" + "\n".join(blocks)


def type_in(page: str, folder: Path, **settings: str) -> str:
    """Type a page's commands in a folder; what they print comes back."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = (
        os.environ
        | {"PATH": path, "PQL_THREADS": "2", "COLUMNS": "120", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        | settings
    )
    environment = {key: value for key, value in environment.items() if value is not None}
    done = subprocess.run(
        ["bash", "-c", commands(page)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, f"{page}\n{done.stdout}\n{done.stderr}"
    return " ".join(done.stdout.split())


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the project as a clone has it, with nothing built."""
    folder = tmp_path / "pql_warehouse"
    for name in CHECKOUT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        folder.mkdir(exist_ok=True)
        copy(ROOT / name, folder / name)
    return folder


def uses() -> list[tuple[str, str, str, datetime]]:
    """Who did what when: (account, user, event, moment)."""
    return [
        (account, f"{account}_{person}", ("message_sent", "report_shared", "file_uploaded")[day % 3], moment)
        for account, (people, days) in ACCOUNTS.items()
        for person in range(people)
        for day in range(28 - days, 28)
        for moment in [START + timedelta(days=day, minutes=7 * person)]
    ]


def segment_export(folder: Path) -> None:
    stamps = ("received_at", "sent_at", "original_timestamp", "timestamp")
    tracks = [
        {"id": f"t{n}", **dict.fromkeys(stamps, str(at)), "event": event, "user_id": user,
         "event_text": event, "anonymous_id": "", "context_library_name": "analytics.js"}
        for n, (_, user, event, at) in enumerate(uses())
    ]  # fmt: skip
    groups = [
        {"id": f"g{user}", **dict.fromkeys(stamps, str(START)), "anonymous_id": "", "user_id": user,
         "group_id": account, "name": account.title(), "plan": "free"}
        for account, user in sorted({(account, user) for account, user, _, _ in uses()})
    ]  # fmt: skip
    identifies = [
        {"id": f"i{user}", **dict.fromkeys(stamps, str(START)), "anonymous_id": "", "user_id": user}
        for user in sorted({user for _, user, _, _ in uses()})
    ]
    charges = [{"id": "ch_1", "object": "charge", "amount": 4900, "currency": "usd", "customer": "cus_1",
                "created": int((START + timedelta(days=20)).timestamp()), "status": "succeeded", "paid": True,
                "captured": True, "refunded": False, "metadata": {"account_id": "cargo"}}]  # fmt: skip
    for name, rows in (("tracks", tracks), ("groups", groups), ("identifies", identifies)):
        write_rows(folder / f"{name}.csv", rows)
    write_rows(folder / "charges.ndjson", charges)


def posthog_export(folder: Path) -> None:
    events = [
        {"uuid": f"u{n}", "event": event, "distinct_id": user, "person_id": user, "timestamp": f"{at}+00:00",
         "created_at": f"{at}+00:00",
         "properties": {"$user_id": user, "$is_identified": True, "$groups": {"company": account}}}
        for n, (account, user, event, at) in enumerate(uses())
    ]  # fmt: skip
    groups = [
        {"group_type_index": 0, "group_key": account, "group_properties": {"name": account.title()},
         "created_at": f"{START}Z"}
        for account in ACCOUNTS
    ]  # fmt: skip
    write_rows(folder / "events.ndjson", events)
    write_rows(folder / "groups.ndjson", groups)


def leads(warehouse: Path) -> list[str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute("select account_id from pql_accounts where is_pql order by 1").fetchall()
    return [row[0] for row in found]


def test_every_tutorial_is_tried_here():
    here = Path(__file__).read_text()
    assert all(f'"{page.name}"' in here for page in TUTORIALS.glob("*.md"))


def test_segment(checkout):
    segment_export(checkout / "exports")
    said = type_in("segment.md", checkout)
    assert "acme" in leads(checkout / "mine.duckdb") and "cargo" not in leads(checkout / "mine.duckdb")
    assert "Segment" in said and "What it meets" in said and "since" in said


def test_posthog(checkout):
    posthog_export(checkout / "exports")
    assert "PostHog" in type_in("posthog.md", checkout)
    assert "acme" in leads(checkout / "mine.duckdb")


def test_snowplow_on_bigquery(checkout):
    """The extract is looked at; what asks BigQuery is not here."""
    shutil.copytree(ROOT / "tests" / "samples" / "snowplow", checkout / "exports",
                    ignore=shutil.ignore_patterns("expected*"))  # fmt: skip
    assert "Snowplow" in type_in("snowplow_bigquery.md", checkout)


def test_as_a_package(checkout):
    said = type_in("package.md", checkout.parent)
    assert "acme" in said and "3 logins" in said


def test_a_weekly_review_and_a_change_of_the_definition(checkout):
    """On a small demo, one after the other."""
    simulate = [sys.executable, "scripts/simulate_events.py", "--accounts", "60", "--days", "70"]
    subprocess.run(simulate, cwd=checkout, check=True, capture_output=True)
    type_in("weekly_review.md", checkout)
    assert (checkout / "reports" / "pql_report.html").exists()
    type_in("change_a_definition.md", checkout)
    assert "at_least: 12" in (checkout / "vars.yml").read_text()
