"""`pql_duplicates_within_days`: an id that comes again later is another event."""

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deliveries import CORE
from reference.oracle import evaluate
from reference.world import World
from reference.worlds import FILES, write_world
from warehouse_differences import table_differences

pytestmark = pytest.mark.long

DAY = timedelta(days=1)
START = datetime(2026, 3, 1, 12)
CRITERIA = {
    "pql_criteria": [{"name": "logs_in", "type": "event_count", "at_least": 1}],
    "pql_definitions": [{"name": "pql", "qualifies_when": "logs_in"}],
}


def event(event_id: str, received: timedelta, **more) -> dict:
    row = {"event_id": event_id, "event_name": "login", "account_id": "acme", "occurred_at": START}
    return dict.fromkeys(FILES["events"].names) | row | {"received_at": START + received} | more


# Each file is one delivery. What is late is older than what came before it.
DELIVERIES = [
    [event("alone", 0 * DAY), event("edge", 0 * DAY), event("chain", 0 * DAY), event("late", 30 * DAY)],
    [event("edge", 14 * DAY), event("chain", 10 * DAY, event_name="logout")],
    [event("edge", 28 * DAY + timedelta(microseconds=1)), event("chain", 20 * DAY, event_name="logout")],
    [event("late", 15 * DAY), event("alone", 90 * DAY), *[event("at once", 90 * DAY)] * 2],
    [event("unreceived", 0 * DAY, received_at=None), event("unreceived", 60 * DAY)],
]


@pytest.fixture(scope="module")
def built_daily(project, tmp_path_factory):
    """The warehouse after a build for each delivery, and the world of all of them."""
    folder = tmp_path_factory.mktemp("bounded")
    world = World(accounts=[{"account_id": "acme", "signed_up_at": START}], variables=dict(CRITERIA))
    world.variables |= {"pql_duplicates_within_days": 14, "pql_as_of": "2026-12-01"}
    for table in ("accounts",):
        rows = [dict.fromkeys(FILES[table].names) | row for row in getattr(world, table)]
        setattr(world, table, rows)
    variables = write_world(world, folder, folder)
    (folder / "events.parquet").unlink()
    (folder / "events").mkdir()
    for number, rows in enumerate(DELIVERIES):
        pq.write_table(pa.Table.from_pylist(rows, FILES["events"]), folder / "events" / f"{number}.parquet")
        warehouse = project.run_in(folder / "kept", folder, variables, CORE)
        assert warehouse.run.success, warehouse.run.output
        world.events += rows
    return warehouse, world, variables, folder


def test_ids_are_compared_with_what_was_received_near_them(built_daily):
    warehouse, world, _, _ = built_daily
    accepted = warehouse.rows("stg_product__events", "event_id, received_at")
    expected = {(row["event_id"], row["received_at"]) for row in evaluate(world).accepted}
    assert {(row["event_id"], row["received_at"]) for row in accepted} == expected
    times = {
        name: sorted((row["received_at"] - START).days for row in accepted if row["event_id"] == name)
        for name in ("alone", "edge", "chain", "late", "at once")
    }
    assert times == {"alone": [0, 90], "edge": [0, 28], "chain": [0], "late": [15, 30], "at once": [90]}
    assert {row["reason"] for row in warehouse.rows("stg_product__events_rejected")} == {
        "conflicting_duplicate"
    }
    assert warehouse.row("fct_account_usage_daily where events > 0", "events") == {"events": len(expected)}


def test_a_build_from_nothing_gives_the_same(project, built_daily):
    warehouse, _, variables, folder = built_daily
    anew = project.run_in(folder / "anew", folder, variables, CORE)
    assert anew.run.success, anew.run.output
    assert table_differences(warehouse.path, anew.path) == []


def test_what_was_received_long_before_is_not_read(built_daily):
    """What an engine skips by is spelt out, on both of the clocks; the last delivery begins on day 0."""
    results = {each.node.name: each.node for each in built_daily[0].run.result.results}
    sql = results["stg_product__events_judged"].compiled_code
    first, last = (f"cast('{moment}' as TIMESTAMP)" for moment in (START - 14 * DAY, START + 74 * DAY))
    for column in ("received_at", "occurred_at"):
        assert sql.lower().count(f"{column} >= {first} and {column} <= {last}".lower()) == 2
