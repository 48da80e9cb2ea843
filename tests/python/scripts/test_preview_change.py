"""A preview is the difference of two full builds, and leaves nothing behind."""

import json
from datetime import datetime, timedelta

import numpy as np
import preview_change
import pytest
from harness import CORE_MODELS, environment
from pql_tools.config_files import as_option
from pql_tools.preview.difference import Episodes
from reference.world import World

START = datetime(2026, 3, 2)
WEEKLY = {"type": "event_count", "window": {"last_days": 7}}
CURRENT = {
    "pql_as_of": "2026-05-20 00:00:00",
    "pql_criteria": [{"name": "busy", **WEEKLY, "at_least": 4}],
    "pql_definitions": [
        {"name": "pql", "qualifies_when": "busy", "cool_down_days": 10, "expires_after_days": 60}
    ],
}
PROPOSED = {
    "pql_criteria": [
        {"name": "busy", **WEEKLY, "where": {"device": "phone"}, "at_least": 1, "lapse_after_days": 3},
        {"name": "two_people", "type": "distinct_users", "at_least": 2},
        {"name": "team", "type": "all_of", "criteria": ["busy", "two_people"]},
    ],
    "pql_definitions": [{"name": "pql", "qualifies_when": "team", "expires_after_days": 20}],
}


def small_world() -> World:
    """Twenty accounts that come and go, half of which pay."""
    dice = np.random.default_rng(5)
    accounts = [{"account_id": f"a{i:02}", "signed_up_at": START + timedelta(days=i % 5)} for i in range(20)]
    events = [
        {
            "event_id": f"e{i}",
            "occurred_at": START + timedelta(days=float(dice.random() * 78)),
            "event_name": "login",
            "account_id": f"a{dice.integers(20):02}",
            "user_id": f"u{dice.integers(3)}",
            "properties": json.dumps({"device": ["phone", "desktop"][i % 2]}),
        }
        for i in range(700)
    ]
    conversions = [
        {"account_id": f"a{i:02}", "converted_at": str(START + timedelta(days=10 + 4 * i))}
        for i in range(0, 20, 2)
    ]
    return World(events=events, accounts=accounts, conversions=conversions, variables=dict(CURRENT))


@pytest.fixture(scope="module")
def world_built(project):
    return project.build(small_world(), command=CORE_MODELS)


def given(project, path, *arguments):
    """The command line."""
    command = [str(path), "--project-dir", str(project.folder), "--profiles-dir", str(project.folder)]
    return [*command, "--vars", json.dumps(CURRENT), *arguments]


def place(project, warehouse):
    """The warehouse, as the environment names it."""
    return environment(
        PQL_DUCKDB_PATH=warehouse.path, DBT_TARGET_PATH=project.folder / "target", PQL_DATA_DIR="no_data"
    )


def run(project, warehouse, path, *arguments):
    with place(project, warehouse):
        return preview_change.main(given(project, path, *arguments))


def proposal(folder, variables=None, text=None):
    path = folder / "proposed.yml"
    if text is None:
        path.write_text(as_option({"vars": variables}), encoding="utf-8")
    else:
        path.write_text(text)
    return path


@pytest.fixture(scope="module")
def previewed(project, world_built, tmp_path_factory):
    """One preview, and whether the warehouse was afterwards as before."""
    tables = ("fct_pql_episodes", "pql_build")
    before = [world_built.rows(table) for table in tables]
    path = proposal(tmp_path_factory.mktemp("proposed"), PROPOSED)
    options = preview_change.parser().parse_args(given(project, path, "--weeks", "9"))
    with place(project, world_built):
        found = preview_change.preview(options)
    return found, before == [world_built.rows(table) for table in tables]


@pytest.mark.long
def test_equals_the_difference_of_two_full_builds(project, world_built, previewed, capsys, monkeypatch):
    monkeypatch.setattr(preview_change, "preview", lambda *_: previewed[0])
    assert preview_change.main(["proposed.yml", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    proposed = project.build(small_world(), PROPOSED, CORE_MODELS)
    episodes = [build.rows("fct_pql_episodes") for build in (world_built, proposed)]

    def active(rows, moment):
        return {
            row["account_id"]
            for row in rows
            if row["qualified_at"] <= moment and (row["ended_at"] is None or row["ended_at"] > moment)
        }

    flags = [
        {r["account_id"] for r in b.rows("pql_accounts") if r["is_pql"]} for b in (world_built, proposed)
    ]
    assert flags[0] ^ flags[1], "the change should change something"
    assert (found["enter"], found["leave"]) == (sorted(flags[1] - flags[0]), sorted(flags[0] - flags[1]))
    assert found["stay"] == len(flags[0] & flags[1])
    for week in found["weeks"]:
        end = datetime.fromisoformat(week["until"])
        before, after = (active(rows, end) for rows in episodes)
        assert (week["enter"], week["leave"]) == (sorted(after - before), sorted(before - after))
        new = [sum(end - timedelta(days=7) < r["qualified_at"] <= end for r in rows) for rows in episodes]
        assert week["new_pqls"] == new
    for side, build in (("current", world_built), ("proposed", proposed)):
        states = [
            r["state"]
            for r in build.rows("fct_criterion_outcomes")
            if r["kind"] == "definition" and r["criterion_name"] == "pql"
        ]
        assert found["precision"][side]["hits"] == states.count("hit")
        assert found["precision"][side]["n"] == sum(s == "hit" or s.startswith("miss") for s in states)


def test_leaves_nothing_behind(world_built, previewed):
    assert previewed[1]
    schemas = {row["schema_name"] for row in world_built.rows("information_schema.schemata", "schema_name")}
    assert not {name for name in schemas if "preview" in name}


def test_shows_the_difference(previewed, capsys, monkeypatch):
    monkeypatch.setattr(preview_change, "preview", lambda *_: previewed[0])
    assert preview_change.main(["proposed.yml", "--list", "2"]) == 0
    shown = capsys.readouterr().out
    assert "notifications" in shown and "more: --list N" in shown


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pql_criteria: []", "must have the form of vars.yml"),
        ("vars: {pql_criteria: [", "is not valid YAML"),
        ("vars: {pql_time_zone: Europe/Berlin}", "'pql_time_zone' differs"),
        ("vars: {pql_definitions: []}", "There is no definition"),
        ("vars: {pql_criteria: [{name: busy, type: event_cuont}]}", "unknown type 'event_cuont'"),
    ],
)
def test_bad_input(project, world_built, tmp_path, capsys, text, sentence):
    variables = [] if "time_zone" not in text else ["--vars", json.dumps({**CURRENT, "pql_time_zone": "UTC"})]
    assert run(project, world_built, proposal(tmp_path, text=text), *variables) == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_missing_file(project, world_built, tmp_path, capsys):
    assert run(project, world_built, tmp_path / "nowhere.yml") == 2
    assert "cannot be read" in capsys.readouterr().err


def test_cool_down():
    """Starts on days 0, 5, 12 and 30, with ten days of quiet: the one on day 5 is not announced."""
    days = np.array([0, 5, 12, 30]).astype("timedelta64[D]")
    started = np.datetime64("2026-01-01T00:00:00", "us") + days
    episodes = Episodes(np.array(["a"] * 4), started, np.full(4, "NaT", "datetime64[us]"))
    assert len(episodes.notified(10)[0]) == 3
    assert len(episodes.notified(None)[0]) == 4
