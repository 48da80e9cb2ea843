"""A build that only looks at what is new gives the rows of a build from nothing."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from resource import RLIMIT_FSIZE, prlimit
from subprocess import PIPE
from time import monotonic, sleep

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import examples
from deliveries import (
    CORE,
    CROWD,
    TABLES,
    WITH_EVALUATION,
    Deliveries,
    assert_mended,
    close,
    delivered_twice,
    differences,
)
from harness import FOR_OTHERS, MODELS_ONLY, ROOT, Project, Warehouse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reference.clock import instant
from reference.world import World
from reference.worlds import random_world, write_world

# now and then only these are built before the whole
PARTS = (
    ("--select", "+fct_user_usage_daily"),
    ("--select", "+fct_criterion_episodes"),
    ("--select", "int_accounts+", "--exclude", *FOR_OTHERS),
    ("--exclude", "fct_account_usage_daily", *FOR_OTHERS),
    ("--exclude", "path:models/manifest", *FOR_OTHERS),
    ("--select", "tag:evaluation", "--exclude", *FOR_OTHERS),
)


def check_incremental_equals_full(
    project, folder: Path, seed: int, steps: int = 4, as_of: str | None = None
) -> None:
    """Each build equals one from nothing; an as-of that is given stands still, else it moves about."""
    world = random_world(seed, **CROWD)
    deliveries = Deliveries(world, folder / "data", seed)
    for number in range(steps):
        if not number or deliveries.roll.random() < 0.85:  # else nothing is new
            deliveries.step(number, steps)
        variables = deliveries.settings() | {"pql_as_of": as_of or deliveries.as_of()}
        if number and deliveries.roll.random() < 0.3:
            part = (*MODELS_ONLY, *deliveries.roll.choice(PARTS))
            project.run_in(folder / "kept", deliveries.folder, variables, part)
        if number and number < steps - 1 and deliveries.roll.random() < 0.3:  # and the evaluation waits
            assert project.run_in(folder / "kept", deliveries.folder, variables, CORE).run.success
            continue
        kept = project.run_in(folder / "kept", deliveries.folder, variables, WITH_EVALUATION)
        assert kept.run.success, kept.run.output
        shutil.rmtree(folder / "anew", ignore_errors=True)
        anew = project.run_in(folder / "anew", deliveries.folder, variables, WITH_EVALUATION)
        assert anew.run.success, anew.run.output
        found = differences(kept, anew)
        assert not found, f"seed {seed}, step {number}:\n" + "\n".join(found)


@pytest.mark.parametrize("steps", [3, pytest.param(5, marks=pytest.mark.long)])
@settings(max_examples=examples(1), phases=[Phase.generate], deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_number_of_deliveries_gives_the_rows_of_a_full_refresh(project, tmp_path_factory, steps, seed):
    check_incremental_equals_full(project, tmp_path_factory.mktemp("deliveries"), seed, steps)


@pytest.mark.long
@settings(max_examples=examples(1), phases=[Phase.generate], deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_an_as_of_stands_still_while_later_events_arrive(project, tmp_path_factory, seed):
    moments = sorted(
        filter(None, (instant(row["occurred_at"]) for row in random_world(seed, **CROWD).events))
    )
    as_of = str(moments[len(moments) // 3])
    check_incremental_equals_full(project, tmp_path_factory.mktemp("still"), seed, steps=3, as_of=as_of)


@pytest.mark.long
def test_a_build_killed_at_any_moment_is_mended_by_the_next(project, tmp_path):
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=11)
    roll, seconds = Random(7), None
    for number in range(examples(3) + 1):
        home = tmp_path / f"killed_{number}"
        home.mkdir()
        shutil.copy(before, home / "pql.duckdb")
        started = monotonic()
        build = project.start(home, deliveries.folder, deliveries.variables, CORE)
        if seconds is None:  # the first one may end, to know how long one takes
            assert build.wait() == 0
            seconds = monotonic() - started
        else:
            sleep(seconds * roll.uniform(0.2, 1))
            build.kill()
            build.wait()
        assert_mended(project, home, deliveries, anew)


@pytest.mark.long
def test_a_disk_that_is_full_stops_a_build_and_the_next_mends_it(project, tmp_path):
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=12)
    build = project.start(
        before.parent, deliveries.folder, deliveries.variables, CORE, stdout=PIPE, text=True
    )
    while "stg_product__events_judged" not in build.stdout.readline():
        pass
    prlimit(build.pid, RLIMIT_FSIZE, (2**17, 2**17))
    output, _ = build.communicate()
    assert build.returncode and "too large" in output, output  # as the engine says of such a disk
    assert_mended(project, before.parent, deliveries, anew)


@pytest.mark.long
def test_a_build_stopped_between_two_tables_is_mended_by_the_next(project, tmp_path):
    """Users move to other accounts: only the usage of before tells which days they have left."""
    deliveries = Deliveries(random_world(11, **CROWD), tmp_path / "data", 11)
    deliveries.step(0, 1)
    kept = tmp_path / "kept"
    assert project.run_in(kept, deliveries.folder, deliveries.variables, CORE).run.success
    homes = [user["account_id"] for user in deliveries.world.users]
    moved = zip(deliveries.world.users, [*homes[7:], *homes[:7]], strict=True)
    deliveries.write("users", [user | {"account_id": home} for user, home in moved])
    for last_table in ("fct_user_usage_daily", "int_criterion_runs"):
        stopped = ("run", "--select", f"+{last_table}")
        assert project.run_in(kept, deliveries.folder, deliveries.variables, stopped).run.success
    mended = project.run_in(kept, deliveries.folder, deliveries.variables, CORE)
    assert mended.run.success, mended.run.output
    anew = project.run_in(tmp_path / "anew", deliveries.folder, deliveries.variables, CORE)
    assert differences(mended, anew) == []


@pytest.mark.long
def test_what_a_stopped_build_did_by_other_rules_is_taken_back(project, tmp_path):
    """Other criteria, a later as-of, users of other accounts, half a file; stopped; then all is as it was."""
    deliveries, other = (
        Deliveries(random_world(16, **CROWD), tmp_path / "data", 16),
        random_world(17, **CROWD),
    )
    deliveries.step(0, 1)
    deliveries.write("users", deliveries.world.users)
    first = project.run_in(tmp_path / "first", deliveries.folder, deliveries.variables, CORE)
    assert first.run.success, first.run.output
    close(first.path)
    shutil.copytree(tmp_path / "first", tmp_path / "kept")
    shutil.copytree(deliveries.folder, tmp_path / "as_it_was")
    moved = deliveries.world.users[::-1]
    homes = [user["account_id"] for user in deliveries.world.users]
    deliveries.write(
        "users", [user | {"account_id": home} for user, home in zip(moved[4:], homes, strict=False)]
    )
    deliveries.deliver("part_0", deliveries.delivered["part_0"][::2])
    rules = {name: other.variables[name] for name in ("pql_criteria", "pql_definitions")}
    rules |= {"pql_as_of": "2026-09-30 12:00:00"}
    stopped = ("run", "--select", "+fct_criterion_episodes", "+fct_account_usage_daily")
    by_other_rules = project.run_in(
        tmp_path / "kept", deliveries.folder, deliveries.variables | rules, stopped
    )
    assert by_other_rules.run.success, by_other_rules.run.output
    shutil.copytree(tmp_path / "as_it_was", deliveries.folder, dirs_exist_ok=True)
    mended = project.run_in(tmp_path / "kept", deliveries.folder, deliveries.variables, CORE)
    assert mended.run.success, mended.run.output
    assert differences(mended, first) == []


@pytest.mark.long
def test_a_first_build_may_find_no_events(project, tmp_path):
    deliveries = Deliveries(random_world(18, **CROWD), tmp_path / "data", 18)
    deliveries.step(0, 2)
    rows, variables = deliveries.delivered["part_0"], deliveries.variables | {"pql_as_of": None}
    deliveries.deliver("part_0", [])
    assert project.run_in(tmp_path, deliveries.folder, variables, CORE).run.success
    deliveries.deliver("part_0", rows)
    found = project.run_in(tmp_path, deliveries.folder, variables, CORE)
    assert found.run.success and found.rows("fct_user_usage_daily"), found.run.output


@pytest.mark.long
def test_a_file_that_has_gone_since_a_build_was_stopped_is_taken_back(project, tmp_path):
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=14)
    more = [row | {"event_id": f"more_{row['event_id']}"} for row in deliveries.delivered["part_1"][:200]]
    deliveries.deliver("more", more)
    stopped = ("run", "--select", "+fct_criterion_episodes")
    assert project.run_in(before.parent, deliveries.folder, deliveries.variables, stopped).run.success
    deliveries.deliver("more", None)
    assert_mended(project, before.parent, deliveries, anew)


@pytest.mark.long
def test_a_table_dropped_by_hand_comes_back_whole(project, tmp_path):
    deliveries = Deliveries(random_world(15, **CROWD), tmp_path / "data", 15)
    deliveries.step(0, 1)
    built = project.run_in(tmp_path, deliveries.folder, deliveries.variables, CORE)
    episodes = built.rows("fct_criterion_episodes order by all")
    with duckdb.connect(str(built.path)) as connection:
        connection.execute("drop table fct_criterion_episodes")
    mended = project.run_in(tmp_path, deliveries.folder, deliveries.variables, CORE)
    assert episodes and mended.rows("fct_criterion_episodes order by all") == episodes


@pytest.mark.long
def test_an_upgrade_finds_tables_with_the_columns_of_another_version(project, tmp_path):
    """Each has one that is no longer made, lacks one, and has one of another type."""
    deliveries = Deliveries(random_world(19, **CROWD), tmp_path / "data", 19)
    deliveries.step(0, 1)
    first = project.run_in(tmp_path / "first", deliveries.folder, deliveries.variables, CORE)
    rows = {table: first.rows(f"{table} order by all", columns) for table, columns in TABLES.items()}
    with duckdb.connect(str(first.path)) as connection:
        connection.execute("update manifest_inputs set version = 'another' where name = 'reading'")
        for (table,) in connection.execute(
            "select table_name from information_schema.tables where table_type = 'BASE TABLE' "
            "and table_name ~ '(int|stg)_.*' and table_name not in ('manifest_inputs', 'manifest_accounts')"
        ).fetchall():
            columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
            connection.execute(f"alter table {table} alter column {columns[0]} type text")
            connection.execute(f"alter table {table} add column no_longer_made int")
            if len(columns) > 1:
                connection.execute(f"alter table {table} drop column {columns[-1]}")
    upgraded = project.run_in(tmp_path / "first", deliveries.folder, deliveries.variables, CORE)
    assert upgraded.run.success, upgraded.run.output
    assert rows == {
        table: upgraded.rows(f"{table} order by all", columns) for table, columns in TABLES.items()
    }
    assert not upgraded.rows("duckdb_columns() where column_name = 'no_longer_made'")


@pytest.mark.long
def test_a_column_that_a_build_of_another_version_left_is_taken_away(project, tmp_path):
    """The model was built alone with one more column, and changed back."""
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=25)
    with duckdb.connect(str(before)) as connection:
        connection.execute("alter table int_events_set_aside add column extra int")
    assert_mended(project, before.parent, deliveries, anew)


@pytest.mark.long
def test_one_manifest_serves_several_runs(project, tmp_path):
    """As in a program that parses once: what a run keeps in mind ends with it."""
    deliveries = Deliveries(random_world(26, **CROWD), tmp_path / "data", 26)
    deliveries.step(0, 1)
    place = {
        "data": deliveries.folder,
        "path": tmp_path / "pql.duckdb",
        "manifest": project.manifest.deepcopy(),
    }
    for _ in range(3):
        run = project.dbt(*CORE, variables=deliveries.variables, **place)
        assert run.success, run.output
    settings = Warehouse(place["path"], run).rows("manifest_inputs where kind = 'setting'")
    assert {row["name"]: row["version"] for row in settings}["build"] == "3"


@pytest.mark.long
def test_an_incremental_model_of_ones_own_keeps_its_strategy(tmp_path):
    mine = Project(tmp_path / "project")
    models = mine.folder / "models"
    models.unlink()
    shutil.copytree(ROOT / "models", models)
    strategy = "incremental_strategy='delete+insert', unique_key='id', on_schema_change='append_new_columns'"
    config = f"{{{{ config(materialized='incremental', {strategy}) }}}}"
    (models / "5_leads" / "mine.sql").write_text(f"{config} select 1 as id")
    columns = "columns: [{name: id, data_type: integer}]"
    (models / "5_leads" / "mine.yml").write_text(f"models: [{{name: mine, {columns}}}]")
    for _ in range(2):
        run = mine.dbt("run", "--select", "mine")
        assert run.success, run.output
    assert Warehouse(mine.folder / "pql.duckdb", run).values("mine", "id") == [1]


# what says what is to be done, in the rooms where it is done
BOOKKEEPING = (
    "int_event_batches", "int_attribution_inputs", "int_affected_*", "int_account_versions", "int_accounts_*",
    "int_account_schedule", "int_rolling_days_changed",
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(
    "part",
    [
        ("--exclude", "fct_account_usage_daily"),
        ("--select", "path:models/manifest", *BOOKKEEPING),
        ("--exclude", "group:pql_leads"),
    ],
)
def test_a_run_of_a_part_leaves_nothing_undone(project, tmp_path, part):
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=20)
    of_a_part = project.run_in(before.parent, deliveries.folder, deliveries.variables, ("run", *part))
    assert of_a_part.run.success, of_a_part.run.output
    assert_mended(project, before.parent, deliveries, anew)


@pytest.mark.long
def test_a_full_refresh_of_a_part_is_refused_and_changes_nothing(project, tmp_path):
    deliveries = Deliveries(random_world(23, **CROWD), tmp_path / "data", 23)
    deliveries.step(0, 1)
    for command in (CORE, CORE):  # the second finds nothing new
        built = project.run_in(tmp_path, deliveries.folder, deliveries.variables, command)
    episodes = built.rows("fct_criterion_episodes order by all")
    alone = ("run", "--full-refresh", "--select", "fct_criterion_episodes")
    refused = project.run_in(tmp_path, deliveries.folder, deliveries.variables, alone)
    assert not refused.run.success and "put a `+` before" in refused.run.output
    assert episodes and refused.rows("fct_criterion_episodes order by all") == episodes
    with_all = ("run", "--full-refresh", "--select", "+fct_criterion_episodes")
    rebuilt = project.run_in(tmp_path, deliveries.folder, deliveries.variables, with_all)
    assert rebuilt.run.success and rebuilt.rows("fct_criterion_episodes order by all") == episodes


@pytest.mark.long
def test_a_changed_macro_builds_anew(tmp_path):
    """Such as an adapter of one's own, or one that an upgrade mends."""
    deliveries = Deliveries(random_world(24, **CROWD), tmp_path / "data", 24)
    deliveries.step(0, 1)
    mine = Project(tmp_path / "project")
    run = ("run", "--select", "+fct_user_usage_daily", "+manifest_accounts")
    first = mine.run_in(tmp_path / "home", deliveries.folder, deliveries.variables, run)
    assert first.run.success, first.run.output
    adapter = mine.folder / "macros" / "inputs" / "events" / "canonical.sql"
    reading = adapter.read_text().replace("]) }}", "]) }}) as rows")
    louder = "select * replace (concat(event_name, '!') as event_name) from ({{ raw_input("
    adapter.write_text(reading.replace("{{ raw_input(", louder))
    del mine.manifest
    changed = mine.run_in(tmp_path / "home", deliveries.folder, deliveries.variables, run)
    assert changed.run.success, changed.run.output
    names = {row["event_name"] for row in changed.rows("fct_user_usage_daily")}
    assert names and all(name.endswith("!") for name in names)


@pytest.mark.long
def test_of_two_builds_at_once_one_is_told_and_changes_nothing(project, tmp_path):
    deliveries, before, anew = delivered_twice(project, tmp_path, seed=13)
    with duckdb.connect(str(before)):  # as a build in another process holds it
        second = project.start(
            before.parent, deliveries.folder, deliveries.variables, CORE, stdout=PIPE, text=True
        )
        output, _ = second.communicate()
    assert second.returncode and "Conflicting lock is held" in output, output
    after = project.run_in(before.parent, deliveries.folder, deliveries.variables, CORE)
    assert differences(after, anew) == []


@pytest.mark.long
def test_what_hangs_on_other_rules_is_built_anew(project, tmp_path):
    """Other criteria, another time zone, another as-of: nothing of the old ones is left."""
    world, other = (random_world(seed, **CROWD) for seed in (21, 22))
    deliveries = Deliveries(world, tmp_path / "data", 21)
    deliveries.step(0, 1)
    for changed in (
        {},
        {name: other.variables[name] for name in ("pql_criteria", "pql_definitions")},
        {"pql_time_zone": "Pacific/Auckland"},
        {"pql_as_of": "2026-03-20 12:00:00"},
        {},
    ):
        variables = deliveries.variables | changed
        kept = project.run_in(tmp_path / "kept", deliveries.folder, variables, CORE)
        assert kept.run.success, kept.run.output
        shutil.rmtree(tmp_path / "anew", ignore_errors=True)
        anew = project.run_in(tmp_path / "anew", deliveries.folder, variables, CORE)
        assert differences(kept, anew) == [], changed


@pytest.mark.long
def test_only_an_attribute_that_measures_behaviour_reaches_back(project, tmp_path):
    """A new plan has other limits on all days; a new industry leaves the days as they were measured."""
    day = datetime(2026, 3, 1)
    accounts = [
        {"account_id": name, "signed_up_at": day, "plan": "free", "industry": "retail"}
        for name in ("moved", "upgraded", "same")
    ]
    events = [
        {"event_id": f"{account['account_id']} {days}", "event_name": "login"}
        | {"occurred_at": at, "received_at": at, "account_id": account["account_id"]}
        for account in accounts
        for days, at in enumerate(day + timedelta(days) for days in range(20))
    ]
    window = {"window": {"last_days": 7}, "events": ["login"]}
    rules = {
        "pql_criteria": [
            {"name": "busy", "type": "limit_usage", "limit": "logins", "at_least": 0.5, **window},
            {"name": "retail", "type": "account_attribute", "attribute": "industry", "in": ["retail"]},
            {"name": "both", "type": "all_of", "criteria": ["busy", "retail"]},
        ],
        "pql_definitions": [{"name": "pql", "qualifies_when": "both"}],
    }
    limits = [
        {"plan": plan, "limit_name": "logins", "limit_value": value}
        for plan, value in (("free", 10), ("pro", 20))
    ]
    world = World(accounts=accounts, events=events, plan_limits=limits)
    deliveries = Deliveries(world, tmp_path / "data", 51)
    deliveries.deliver("events", events)
    deliveries.write_seed("plan_limits", limits)
    variables = deliveries.variables | rules
    for moved, upgraded in (("retail", "free"), ("mining", "pro")):
        accounts[0]["industry"], accounts[1]["plan"] = moved, upgraded
        deliveries.write("accounts", accounts)
        kept = project.run_in(tmp_path / "kept", deliveries.folder, variables, CORE)
        assert kept.run.success, kept.run.output
    changed = {row["account_id"]: str(row["changes_from"]) for row in kept.rows("int_accounts_changed")}
    assert changed == {"moved": "2026-03-20", "upgraded": "0001-01-01"}
    anew = project.run_in(tmp_path / "anew", deliveries.folder, variables, CORE)
    assert differences(kept, anew) == []
    assert [row["account_id"] for row in kept.rows("pql_accounts where is_pql")] == ["same"]


@pytest.mark.long
def test_a_column_may_come_go_and_change_its_type(project, tmp_path):
    deliveries = Deliveries(random_world(31, **CROWD), tmp_path / "data", 31)
    deliveries.step(0, 3)
    kept = project.run_in(tmp_path / "kept", deliveries.folder, deliveries.variables, CORE)
    deliveries.step(1, 3)
    part = deliveries.parts / "part_1.parquet"
    rows = pq.read_table(part)
    received = rows.schema.get_field_index("received_at")
    retyped = rows.set_column(received, "received_at", rows["received_at"].cast(pa.string()))
    pq.write_table(retyped.append_column("tracker_version", pa.array(["9"] * len(rows))), part)
    deliveries.step(2, 3)
    last = deliveries.parts / "part_2.parquet"
    pq.write_table(pq.read_table(last).drop_columns(["anonymous_id"]), last)
    kept = project.run_in(tmp_path / "kept", deliveries.folder, deliveries.variables, CORE)
    anew = project.run_in(tmp_path / "anew", deliveries.folder, deliveries.variables, CORE)
    assert kept.run.success and anew.run.success, kept.run.output
    assert differences(kept, anew) == []


@pytest.mark.long
def test_a_run_reads_only_the_batches_that_changed(project, tmp_path):
    """The other files may be anything at all: they are not opened, and nothing of theirs is judged again."""
    deliveries = Deliveries(random_world(41, **CROWD), tmp_path / "data", 41)
    deliveries.step(0, 2)

    def of_device(day: int, user_id: str | None) -> dict:
        moment = datetime(2026, 3, day, 12)
        event = {"event_name": "login", "occurred_at": moment, "received_at": moment}
        return event | {"event_id": f"device {day}", "anonymous_id": "a device", "user_id": user_id}

    seen = {1: "a1-u0", 3: None, 5: "a1-u1", 7: None}
    deliveries.deliver("device", [of_device(day, user_id) for day, user_id in seen.items()])
    built = project.run_in(tmp_path / "kept", deliveries.folder, deliveries.variables, CORE)
    quiet = project.run_in(tmp_path / "kept", deliveries.folder, deliveries.variables, CORE)
    assert built.run.success and quiet.run.success, quiet.run.output
    assert quiet.rows("int_affected_events") == quiet.rows("int_affected_days") == []
    assert quiet.rows("int_accounts_changed") == []
    deliveries.deliver("one_more", [of_device(2, "a1-u2")])
    again = project.run_in(tmp_path / "kept", deliveries.folder, deliveries.variables, CORE)
    assert [Path(row["batch_file"]).name for row in again.rows("int_event_batches") if row["is_changed"]] == [
        "one_more.parquet"
    ]
    # what the device did after it was seen with a user again is that user's still
    affected = again.values("int_affected_events", "event_id")
    assert [event_id[:8] for event_id in affected] == ["device 2", "device 3"]


@pytest.mark.long
def test_a_look_back_takes_older_days_of_a_table_as_they_were(project, tmp_path):
    """What it gives up: a row delivered with an older `received_at`, until a full refresh."""
    today = datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    home, inputs = tmp_path / "home", tmp_path / "data"
    world = World(accounts=[{"account_id": "acme", "signed_up_at": today - timedelta(days=90)}])
    inputs.mkdir()
    variables = write_world(world, inputs, inputs) | {
        "pql_event_sources": [{"name": "app", "adapter": "canonical", "schema": "raw"}]
    }
    home.mkdir()
    rows = []

    def build(*received_days_ago: int, **more) -> list[str]:
        for days in received_days_ago:
            at = today - timedelta(days=days)
            rows.append((f"e{len(rows)}", at, "login", "acme", at))
        with duckdb.connect(str(home / "pql.duckdb")) as connection:
            connection.execute("create schema if not exists raw")
            connection.execute(
                "create or replace table raw.events (event_id text, occurred_at timestamp,"
                " event_name text, account_id text, received_at timestamp)"
            )
            connection.executemany("insert into raw.events values (?, ?, ?, ?, ?)", rows)
        warehouse = project.run_in(home, inputs, variables | more, CORE)
        assert warehouse.run.success, warehouse.run.output
        return warehouse.values("stg_product__events", "event_id")

    week = {"pql_look_back_days": 7}
    assert build(40, 20, 2, **week) == ["e0", "e1", "e2"]
    assert build(1, 20, **week) == ["e0", "e1", "e2", "e3"]
    assert build(0, **week) == ["e0", "e1", "e2", "e3", "e5"]
    assert build() == ["e0", "e1", "e2", "e3", "e4", "e5"]
