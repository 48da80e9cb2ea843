"""Every definition of the library is valid by itself, and finds the account it is meant for and not its twin.

All are built together in one small world. For each file there is an account `yes` that does what the file's
comment says, and an account `no` that does the same but for the last thing.
"""

import csv
import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
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
    "active_trial_ending": [event("page_viewed", 2), event("page_viewed", 12)],
}


def definitions() -> dict[str, dict]:
    return {name: YAML(typ="safe").load(path.read_text()) for name, path in FILES.items()}


def dbt(*arguments: str, folder: Path, variables: dict | None = None) -> str:
    """Run dbt on a warehouse of its own and return what it says."""
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "--quiet", *arguments]
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    command += ["--vars", json.dumps(variables or {})]
    environment = os.environ | {"PQL_DUCKDB_PATH": str(folder / "pql.duckdb"), "PQL_DATA_DIR": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


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
            accounts.append((account, SIGNED_UP, TRIAL_ENDS, 120, "software"))
            events += [(f"{account} {number}", account, *deed) for number, deed in enumerate(done)]
    write_csv(
        folder / "accounts.csv",
        ["account_id", "signed_up_at", "trial_ends_at", "employees", "industry"],
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


def test_every_file_is_valid_by_itself(folder):
    """All are judged in one run: dbt's start takes longer than the judging."""
    calls = [
        f"{{% set config = dict(pql_raw_config(), **fromjson({json.dumps(json.dumps(written))})) %}}"
        f"{{% for problem in pql_config_problems(config) %}}{name}: {{{{ problem }}}}\n{{% endfor %}}"
        for name, written in definitions().items()
    ]
    said = dbt("compile", "--inline", "begin\n" + "".join(calls) + "end", folder=folder)
    assert said.split() == ["begin", "end"]


def test_each_finds_its_account_and_not_the_twin(folder):
    written = definitions().values()
    merged = {
        "pql_as_of": "2026-03-31",
        "pql_criteria": [criterion for each in written for criterion in each["pql_criteria"]],
        "pql_definitions": [definition for each in written for definition in each["pql_definitions"]],
    }
    dbt("build", folder=folder, variables=merged)
    with duckdb.connect(str(folder / "pql.duckdb"), read_only=True) as warehouse:
        found = warehouse.sql("select distinct definition_name, account_id from fct_pql_episodes").fetchall()
    leads = set(found)
    for name in FILES:
        assert (name, f"{name} yes") in leads, name
        assert (name, f"{name} no") not in leads, name
