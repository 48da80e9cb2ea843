"""Input that is missing, empty, broken or odd: one clear message or a reason, never a silent loss."""

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from harness import CORE_MODELS, MODELS_ONLY, Warehouse
from reference.worlds import write_world
from small_worlds import TWICE, at, event, small_world

VARIABLES = {"pql_criteria": [TWICE], "pql_definitions": [{"name": "pql", "qualifies_when": "twice"}]}
EVENTS = [event(at(3, hour), user_id="ann", properties='{"n": 1}') for hour in (9, 10)]
ACCOUNTS = [{"account_id": "acme", "signed_up_at": at(1)}]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of sound inputs to spoil: two events of one account."""
    write(tmp_path / "events.parquet", EVENTS)
    write(tmp_path / "accounts.parquet", ACCOUNTS)
    return tmp_path


def write(path: Path, rows: list[dict], schema: pa.Schema | None = None) -> None:
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


def build(project, folder: Path, tables: str = "pql_accounts event_quality") -> Warehouse:
    """These tables and what they are made of."""
    return project.build(folder, VARIABLES, command=of(tables))


def of(tables: str) -> tuple[str, ...]:
    return (*MODELS_ONLY, "--select", *(f"+{table}" for table in tables.split()))


def fail(project, folder: Path) -> str:
    """What the user reads when a build fails."""
    run = project.attempt(folder, VARIABLES, command=of("stg_product__events stg_product__accounts")).run
    assert not run.success
    assert "Traceback" not in run.output
    return run.output


def first_qualified(warehouse: Warehouse) -> dict:
    rows = warehouse.rows("pql_accounts", "account_id, first_qualified_at")
    return {row["account_id"]: row["first_qualified_at"] for row in rows}


def quality(warehouse: Warehouse) -> dict:
    """The counts that are not 0, after checking that no row is lost."""
    row = warehouse.row("event_quality")
    assert row["raw"] == row["accepted"] + row["duplicates"] + row["rejected"]
    return {name: value for name, value in row.items() if isinstance(value, int) and value}


def test_a_seed_may_gain_and_lose_columns(project, folder, tmp_path):
    """Of the next build: a seed of a warehouse that is there already."""
    for lines in (
        ("account_id,converted_at", "acme,2026-03-02"),
        ("note,converted_at,plan,account_id", "x,2026-03-02,pro,acme"),
    ):
        (folder / "conversions.csv").write_text("\n".join(lines) + "\n")
        built = project.run_in(tmp_path / "home", folder, VARIABLES, of("dim_accounts"))
        assert built.run.success, built.run.output
        assert [row["converted_at"] for row in built.rows("dim_accounts")] == [at(2)]


def test_every_kind_of_malformed_row_has_its_reason(project):
    good = event(at(3, 9), event_id="good", received_at=at(3, 9))
    rows = [
        good,
        good,
        good | {"event_name": "logout"},
        good | {"event_id": None},
        good | {"event_id": "  "},
        good | {"event_id": "no name", "event_name": None},
        good | {"event_id": "empty name", "event_name": ""},
        good | {"event_id": "no time", "occurred_at": None},
        good | {"event_id": "fast clock", "occurred_at": at(4, 9, 1)},
        good | {"event_id": "counts nothing", "event_count": "0"},
        good | {"event_id": "far future", "occurred_at": datetime(2199, 1, 1), "received_at": None},
        good | {"event_id": "a day ahead", "occurred_at": at(4, 9)},
        good | {"event_id": "bad json", "properties": "{oops"},
        good | {"event_id": "stranger", "account_id": "nobody"},
    ]
    warehouse = project.build(small_world(rows), command=of("stg_product__events_rejected event_quality"))
    reasons = {
        (row["event_id"], row["reason"])
        for row in warehouse.rows("stg_product__events_rejected", "event_id, reason")
    }
    assert reasons == {
        ("good", "conflicting_duplicate"),
        (None, "missing_event_id"),
        ("no name", "missing_event_name"),
        ("empty name", "missing_event_name"),
        ("no time", "missing_occurred_at"),
        ("fast clock", "future_occurred_at"),
        ("counts nothing", "invalid_event_count"),
        ("far future", "future_occurred_at"),
    }
    assert quality(warehouse) == {
        "raw": 14,
        "accepted": 4,
        "duplicates": 2,
        "conflicting_duplicates": 1,
        "rejected": 8,
        "rejected_missing_event_id": 2,
        "rejected_missing_event_name": 2,
        "rejected_missing_occurred_at": 1,
        "rejected_invalid_event_count": 1,
        "rejected_future_occurred_at": 2,
        "unattributed": 1,
        "invalid_properties": 1,
    }


def empty_parquet(folder: Path) -> None:
    write(folder / "events.parquet", [], pa.Table.from_pylist(EVENTS).schema)


def header_only_csv(folder: Path) -> None:
    (folder / "events.parquet").unlink()
    (folder / "events.csv").write_text("event_id,occurred_at,event_name,account_id\n")


def only_rejected(folder: Path) -> None:
    write(folder / "events.parquet", [row | {"event_id": ""} for row in EVENTS])


@pytest.mark.parametrize(
    "spoil",
    [
        only_rejected,
        *(pytest.param(case, marks=pytest.mark.long) for case in (empty_parquet, header_only_csv)),
    ],
)
def test_no_events_is_no_error(project, folder, spoil):
    """Every account is there, nobody qualifies, and dbt's own tests pass, with an as-of or without."""
    spoil(folder)
    warehouse = project.build(folder, VARIABLES)
    assert first_qualified(warehouse) == {"acme": None}
    assert warehouse.row("pql_accounts", "pql_status") == {"pql_status": "never"}


@pytest.mark.long
def test_no_accounts_is_no_error(project, folder):
    write(folder / "accounts.parquet", [], pa.Table.from_pylist(ACCOUNTS).schema)
    warehouse = project.build(folder, VARIABLES)
    assert warehouse.rows("pql_accounts") == []
    assert quality(warehouse) == {"raw": 2, "accepted": 2, "unattributed": 2}


@pytest.mark.parametrize("name", ["events", "accounts"])
def test_a_missing_required_file_is_named(project, folder, name):
    (folder / f"{name}.parquet").unlink()
    message = fail(project, folder)
    assert f"No '{name}' found: expected {folder}/{name}.parquet or a folder" in message
    assert "Your own data" in message


def test_missing_required_columns_are_all_named_at_once(project, folder):
    write(folder / "events.parquet", [{"event_id": "1", "time": at(3)}])
    message = fail(project, folder)
    assert "'events' lacks the required columns 'occurred_at', 'event_name'" in message
    assert "found:   event_id, time" in message


@pytest.mark.parametrize("content", [b"", b"PAR1 this is no Parquet PAR1", b"\x00" * 64])
def test_a_corrupt_parquet_file_is_named(project, folder, content):
    (folder / "events.parquet").write_bytes(content)
    assert "events.parquet" in fail(project, folder)


def test_a_csv_without_a_byte_is_named(project, folder):
    (folder / "events.parquet").unlink()
    (folder / "events.csv").write_bytes(b"")
    assert "'events' lacks the required columns" in fail(project, folder)


def test_the_same_input_twice_is_refused(project, folder):
    (folder / "events.csv").write_text("event_id\n")
    assert "'events' is there more than once" in fail(project, folder)


def test_a_csv_is_read_as_it_is_written(project, folder):
    """Whatever its first rows look like: no comments, nor quoted otherwise, nor never quoted."""
    (folder / "events.parquet").unlink()
    rows = [
        ("#1", "'x'"),
        *((str(number), "login") for number in range(2, 25_000)),
        ('"late, but quoted"', '"login"'),
    ]
    lines = [f"{event_id},2026-03-03 09:00:00,{name},acme" for event_id, name in rows]
    (folder / "events.csv").write_text(
        "\n".join(["event_id,occurred_at,event_name,account_id", *lines]) + "\n"
    )
    built = project.build(folder, VARIABLES, command=("run", "--select", "+event_quality"))
    assert quality(built) == {"raw": 25_000, "accepted": 25_000}
    odd = built.rows(
        "stg_product__events where event_id in ('#1', 'late, but quoted')", "event_id, event_name"
    )
    assert sorted(row["event_name"] for row in odd) == ["'x'", "login"]


def test_an_id_without_a_fraction_stays_one_where_a_file_lacks_some(project, folder):
    """A column with a gap is written with fractions by tools that know no gap in whole numbers."""
    (folder / "events.parquet").unlink()
    (folder / "events").mkdir()
    for name, ids in (("whole", pa.array([7, 7])), ("gap", pa.array([7.0, None]))):
        rows = pa.Table.from_pylist([{**row, "event_id": f"{name}_{row['event_id']}"} for row in EVENTS])
        pq.write_table(
            rows.drop_columns(["account_id"]).append_column("account_id", ids),
            folder / "events" / f"{name}.parquet",
        )
    write(folder / "accounts.parquet", [{"account_id": 7, "signed_up_at": at(1)}])
    built = project.build(folder, VARIABLES, command=("run", "--select", "+fct_user_usage_daily"))
    assert [row["account_id"] for row in built.rows("fct_user_usage_daily")] == ["7"]


@pytest.mark.long
def test_times_do_not_depend_on_the_zone_of_the_machine(project, folder, monkeypatch):
    (folder / "events.parquet").unlink()
    (folder / "events").mkdir()
    for name, zone in (("naive", None), ("aware", "UTC")):
        schema = pa.schema([("event_id", pa.string()), ("occurred_at", pa.timestamp("us", zone)),
                            ("event_name", pa.string()), ("account_id", pa.string())])  # fmt: skip
        rows = [{"event_id": name, "occurred_at": at(3, 9), "event_name": "login", "account_id": "acme"}]
        write(folder / "events" / f"{name}.parquet", rows, schema)
    monkeypatch.setenv("TZ", "America/New_York")
    command = ("run", "--select", "+stg_product__events")
    assert project.start(folder, folder, VARIABLES, command).wait() == 0
    with duckdb.connect(str(folder / "pql.duckdb")) as connection:
        found = connection.execute("select occurred_at from stg_product__events").fetchall()
    assert found == [(at(3, 9),)] * 2


def test_files_that_are_left_unread_are_named(project, folder):
    (folder / "events.parquet").unlink()
    (folder / "events").mkdir()
    write(folder / "events" / "read.parquet", EVENTS)
    for name in ("b.PARQUET", "d.txt", "_SUCCESS"):
        (folder / "events" / name).write_text("")
    output = build(project, folder, "stg_product__events").run.output
    assert "files are left unread" in output and "b.PARQUET" in output and "d.txt" in output
    assert "_SUCCESS" not in output


def as_csv(folder: Path) -> None:
    table = pq.read_table(folder / "events.parquet")
    (folder / "events.parquet").unlink()
    pa.csv.write_csv(table, folder / "events.csv")


def as_ndjson(folder: Path) -> None:
    (folder / "events.parquet").unlink()
    lines = [json.dumps(row | {"properties": {"n": 1}}, default=str) for row in EVENTS]
    (folder / "events.ndjson").write_text("\n".join(lines))


def as_folder(folder: Path) -> None:
    (folder / "events.parquet").unlink()
    (folder / "events" / "2026 'q1'").mkdir(parents=True)
    write(folder / "events" / "one.parquet", EVENTS[:1])
    # a later file with another order of columns and one more
    row = {"extra": 1} | dict(reversed(EVENTS[1].items()))
    write(folder / "events" / "2026 'q1'" / "two.parquet", [row])


def in_capitals(folder: Path) -> None:
    write(folder / "events.parquet", [{name.upper(): value for name, value in e.items()} for e in EVENTS])


def with_extra_columns(folder: Path) -> None:
    write(
        folder / "events.parquet", [e | {"select": 1, 'odd "name"': [1], "Örtchen": {"a": 1}} for e in EVENTS]
    )


@pytest.mark.parametrize(
    "change",
    [
        as_ndjson,
        *(
            pytest.param(case, marks=pytest.mark.long)
            for case in (as_csv, as_folder, in_capitals, with_extra_columns)
        ),
    ],
)
def test_other_forms_of_the_same_input_give_the_same(project, folder, change):
    """Users, memberships and changes of accounts are missing in each, as they may be."""
    change(folder)
    warehouse = build(project, folder)
    assert first_qualified(warehouse) == {"acme": at(3, 10)}
    assert quality(warehouse) == {"raw": 2, "accepted": 2}
    [properties] = {row["properties"] for row in warehouse.rows("stg_product__events", "properties")}
    assert json.loads(properties) == {"n": 1}


SAME_MOMENT = {
    "a timestamp": [at(3, 9)],
    "with a time zone": [datetime(2026, 3, 3, 10, tzinfo=timezone(timedelta(hours=1)))],
    "text": [
        "2026-03-03 09:00",
        "2026-03-03 09:00:00.000",
        "2026-03-03T09:00:00Z",
        "2026-03-03T09:00Z",
        "2026-03-03T10:00:00+01:00",
        "2026-03-03 10:00:00 +0100",
        "2026-03-03 04:00:00-05",
        "2026-03-03 09:00:00 UTC",
    ],
}


@pytest.mark.parametrize("moments", SAME_MOMENT.values(), ids=SAME_MOMENT)
def test_a_moment_is_read_however_it_is_written(project, folder, moments):
    rows = [{"event_id": n, "occurred_at": moment, "event_name": "e"} for n, moment in enumerate(moments)]
    write(folder / "events.parquet", rows)
    read = build(project, folder, "stg_product__events").values("stg_product__events", "occurred_at")
    assert read == [at(3, 9)] * len(moments)


def test_ids_may_be_numbers_and_a_sign_up_a_date(project, folder):
    """A sign-up of type DATE is that day where the account is."""
    account = {"account_id": 7, "signed_up_at": date(2026, 3, 3), "time_zone": "America/New_York"}
    write(folder / "accounts.parquet", [account])
    write(folder / "events.parquet", [row | {"account_id": 7, "user_id": 3} for row in EVENTS])
    warehouse = build(project, folder)
    assert warehouse.row("dim_accounts", "account_id, signed_up_at") == {
        "account_id": "7",
        "signed_up_at": at(3, 5),
    }
    assert first_qualified(warehouse) == {"7": at(3, 10)}


def test_a_bare_date_is_a_local_day_however_it_is_written(project, folder):
    """An epoch is a moment: this one is the same midnight."""
    written = {"ISO": "2026-03-03", "slashes": "2026/03/03", "short": "2026-3-3", "epoch": "1772514000"}
    account = {"signed_up_at": at(1), "time_zone": "America/New_York"}
    dated = [{"account_id": name, "closed_at": day, "renewed": day} for name, day in written.items()]
    write(folder / "accounts.parquet", [account | row for row in dated])
    paid = [{"account_id": name, "converted_at": day} for name, day in written.items()]
    write(folder / "conversions.parquet", paid)
    renewal = {"name": "renewal", "type": "account_date", "attribute": "renewed", "to_days": 0}
    renewal["from_days"] = 0
    variables = VARIABLES | {"pql_criteria": [TWICE, renewal], "pql_as_of": "2026-03-09"}
    variables |= {"pql_conversions_from": "source"}
    warehouse = project.build(folder, variables, command=of("fct_criterion_episodes dim_accounts"))
    columns = "account_id, closed_at, converted_at, converted_day_ends_at"
    accounts = {row.pop("account_id"): tuple(row.values()) for row in warehouse.rows("dim_accounts", columns)}
    assert accounts == {name: (at(3, 5), at(3, 5), at(4, 5) if name != "epoch" else None) for name in written}
    episodes = warehouse.rows("fct_criterion_episodes", "account_id, started_at, ended_at")
    assert {row.pop("account_id"): tuple(row.values()) for row in episodes} == dict.fromkeys(
        written, (at(3, 5), at(4, 5))
    )


def test_an_account_listed_twice_counts_once(project, folder):
    write(folder / "accounts.parquet", [{"account_id": "acme", "signed_up_at": at(2)}, *ACCOUNTS])
    warehouse = build(project, folder, "dim_accounts")
    assert warehouse.row("dim_accounts", "signed_up_at") == {"signed_up_at": at(1)}


def test_a_path_may_hold_spaces_and_quotes(project, tmp_path):
    folder = tmp_path / "it's my data [v1] *"
    folder.mkdir()
    world = small_world(EVENTS)
    variables = write_world(world, folder, folder)
    warehouse = project.run_in(tmp_path / "home of the 'warehouse'", folder, variables, CORE_MODELS)
    assert warehouse.run.success, warehouse.run.output
    assert first_qualified(warehouse) == {"acme": at(3, 10)}


@pytest.mark.long
def test_a_second_build_changes_nothing(project, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    variables = write_world(small_world(EVENTS), folder, folder)
    first = project.run_in(tmp_path, folder, variables)
    before = {table: first.rows(table) for table in ("pql_accounts", "fct_pql_episodes")}
    again = project.run_in(tmp_path, folder, variables)
    assert again.run.success, again.run.output
    assert {table: again.rows(table) for table in before} == before
