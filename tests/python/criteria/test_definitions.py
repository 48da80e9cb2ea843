"""Every definition of the library is valid by itself, and finds the account it is meant for and not its twin.

All are built together in one small world. For each file there is an account `yes` that does what the file's
comment says, and an account `no` that does the same but for the last thing.
"""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from harness import ROOT
from pql_tools.config_files import read_yaml

FILES = {path.stem: path for path in sorted((ROOT / "definitions").glob("*.yml"))}
SIGNED_UP = datetime(2026, 3, 2, 8)
TRIAL_ENDS = datetime(2026, 3, 16)


def event(name: str, day: float = 0, user: str = "ann", **properties) -> tuple:
    """An event so many days after sign-up."""
    return SIGNED_UP + timedelta(days=day), name, user, json.dumps(properties)


def repeated(count: int, name: str, **properties) -> list[tuple]:
    return [event(name, number / 10_000, **properties) for number in range(count)]


def different(count: int, name: str, key: str) -> list[tuple]:
    return [event(name, number / 10, **{key: f"{key}_{number}"}) for number in range(count)]


def daily(count: int) -> list[tuple]:
    return [event("page_viewed", day) for day in range(count)]


# What the account `yes` does; the last event decides.
DEEDS = {
    "slack_2000_messages": repeated(2000, "message_sent"),
    "slack_busy_day": [
        event("message_sent", number / 10_000, f"user_{min(number // 6, 48)}") for number in range(299)
    ]
    + [event("message_sent", 0.1, "user_49")],
    "slack_searches_or_apps": repeated(20, "search"),
    "facebook_7_friends": different(7, "friend_added", "friend_id"),
    "drift_100_conversations": repeated(100, "conversation_started"),
    "zapier_4_integrations": different(4, "integration_connected", "app"),
    "three_logins_first_week": [event("login", day) for day in (0, 3, 6)],
    "ten_logins": [event("login", 10 + day) for day in range(10)],
    "trial_10_of_14_days": [event("page_viewed", day) for day in (0, 1, 3, 4, 5, 7, 8, 10, 11, 13)],
    "key_feature_5_times": repeated(4, "report_shared", audience="team")
    + repeated(1, "report_shared", audience="public"),
    "days_in_a_row": daily(5),
    "three_invites": different(3, "invite_sent", "email"),
    "custom_logo": [event("file_uploaded", 1, purpose="avatar"), event("file_uploaded", 2, purpose="logo")],
    "free_credits_run_out": [event("credits_used", day, credits=25) for day in range(4)],
    "free_week_every_day": daily(7),
    "size_and_industry_fit": daily(2),
    "seats_filling_up": [event("login", day, f"user_{day}") for day in range(3)],
    "messages_per_user": [event("login", 0, user) for user in ("ann", "bob")]
    + [event("message_sent", 1 + number / 100) for number in range(40)],
    "engagement_that_fades": [event("page_viewed", 5 + number / 100) for number in range(20)],
    "exports_this_billing_month": [event("report_exported", 10 + day) for day in range(10)],
    "active_trial_ending": [event("page_viewed", 2), event("page_viewed", 12)],
}


def definitions() -> dict[str, dict]:
    return {name: read_yaml(path) for name, path in FILES.items()}


def write_csv(path: Path, header: list[str], rows: list[tuple]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the accounts and events of the small world."""
    folder = tmp_path_factory.mktemp("definitions")
    accounts, events = [], []
    for name, deeds in DEEDS.items():
        for answer, done in (("yes", deeds), ("no", deeds[:-1])):
            account = f"{name} {answer}"
            accounts.append((account, SIGNED_UP, TRIAL_ENDS, 120, "software", 4))
            events += [(f"{account} {number}", account, *deed) for number, deed in enumerate(done)]
    write_csv(
        folder / "accounts.csv",
        ["account_id", "signed_up_at", "trial_ends_at", "employees", "industry", "seats"],
        accounts,
    )
    write_csv(
        folder / "events.csv",
        ["event_id", "account_id", "occurred_at", "event_name", "user_id", "properties"],
        events,
    )
    return folder


def test_every_file_has_a_case_and_is_named_after_its_definition():
    assert FILES.keys() == DEEDS.keys()
    for name, written in definitions().items():
        assert [definition["name"] for definition in written["pql_definitions"]] == [name]


def test_every_file_says_what_it_is_where_it_comes_from_and_what_to_change():
    for path in FILES.values():
        comment = [line for line in path.read_text().splitlines() if line.startswith("#")]
        assert any(line.startswith("# Origin: ") for line in comment), path
        assert any(line.startswith("# Change: ") for line in comment), path


def test_every_file_is_valid_by_itself(project):
    assert project.config_problems(list(definitions().values())) == [[] for _ in FILES]


def test_each_finds_its_account_and_not_the_twin(project, folder):
    written = definitions().values()
    merged = {
        "pql_as_of": "2026-03-31",
        "pql_criteria": [criterion for each in written for criterion in each["pql_criteria"]],
        "pql_definitions": [definition for each in written for definition in each["pql_definitions"]],
    }
    warehouse = project.build(folder, merged)
    rows = warehouse.rows("fct_pql_episodes", "definition_name, account_id")
    leads = {(row["definition_name"], row["account_id"]) for row in rows}
    for name in FILES:
        assert (name, f"{name} yes") in leads, name
        assert (name, f"{name} no") not in leads, name
