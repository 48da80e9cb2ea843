"""The benchmark measures what it says: the floor and the usual way give the answers that the build gives."""

import json
import sys
from pathlib import Path

import benchmark
import duckdb
import pytest
from pql_tools.benchmark.measure import BenchmarkError, measure
from pql_tools.benchmark.queries import spine_queries

pytestmark = pytest.mark.long

CRITERIA = [
    {"name": "busy", "type": "event_count", "events": ["login"], "window": {"last_days": 3}, "at_least": 4},
    {"name": "regular", "type": "active_days", "window": {"last_days": 7}, "at_least": 4},
    {"name": "in_a_row", "type": "consecutive_days", "at_least": 3},
    {"name": "team", "type": "distinct_users", "window": {"calendar": "week"}, "at_least": 3},
    {"name": "apps", "type": "distinct_values", "property": "app", "at_least": 3},
    {"name": "heavy", "type": "event_sum", "property": "size", "window": {"first_days": 20}, "at_least": 40},
    {"name": "growing", "type": "growth", "window": {"last_days": 5}, "at_least": 1.2, "min_base": 4},
    {"name": "fading", "type": "decayed_sum", "events": ["login"], "fades_over_days": 6, "at_least": 5.5},
    {
        "name": "uploads_per_head",
        "type": "ratio",
        "of": {"measure": "event_count", "events": ["upload"], "window": {"last_days": 4}},
        "per": {"measure": "distinct_users"},
        "at_least": 1.2,
        "min_base": 2,
    },
    {"name": "set_up", "type": "milestones", "steps": ["login", "invite"], "ordered": False},
]
VARIABLES = {
    "pql_criteria": CRITERIA,
    "pql_definitions": [{"name": "pql", "qualifies_when": "busy"}],
    "pql_crm_enabled": False,
}
STEPS = ("floor", "spine", "hours", "late")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Events on UTC days that carry their user and account; some are delivered twice, some are none."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("events", "events_last_day"):
        (folder / name).mkdir()
    duckdb.sql(f"""
        copy (
            select
                'acc_' || number as account_id,
                timestamp '2026-03-01 08:00:00' as signed_up_at,
                'UTC' as time_zone
            from range(12) as accounts(number)
        ) to '{folder}/accounts.parquet'""")
    duckdb.sql(f"""
        copy (
            with drawn as (
                select number, hash(number) as chance, hash(number, 'x') as other
                from range(1500) as events(number)
            ),
            events as (
                select
                    case when number % 97 = 0 then null else 'e_' || number end as event_id,
                    timestamp '2026-03-01 09:00:00'
                    + to_seconds(cast(chance % 2500000 as int)) as occurred_at,
                    ['login', 'invite', 'upload'][cast(1 + chance % 3 as int)] as event_name,
                    'user_' || other % 40 as user_id,
                    'acc_' || other % 12 as account_id,
                    null::varchar as anonymous_id,
                    json_object('app', 'a' || other % 5, 'size', other % 7)::varchar as properties
                from drawn
            )
            select *, occurred_at as received_at from events
            union all
            select * replace ('invite' as event_name), occurred_at + interval 1 minute from events
            where hash(event_id) % 10 = 0
        ) to '{folder}/events/part-0.parquet'""")
    duckdb.sql(f"""
        copy (
            select * replace ('n_' || event_id as event_id, occurred_at + interval 30 day as occurred_at,
                received_at + interval 30 day as received_at)
            from '{folder}/events/part-0.parquet'
        ) to '{folder}/events_last_day/part-0.parquet'""")
    return folder


@pytest.fixture(scope="module")
def measured(data, tmp_path_factory) -> tuple[dict, Path]:
    """The report of one run, and its folder."""
    folder = tmp_path_factory.mktemp("a user's benchmark")
    files = ["--json", str(folder / "figures.json"), "--plot", str(folder / "figures.svg")]
    limits = ["--memory-limit", "1GB", "--threads", "2", "--vars", json.dumps(VARIABLES)]
    places = ["--data", str(data), "--out", str(folder / "work")]
    assert benchmark.main([*places, *files, *limits, "--steps", *STEPS]) == 0
    return json.loads((folder / "figures.json").read_text()), folder


def test_every_step_asked_for_and_what_it_needs_is_measured(measured):
    report, folder = measured
    assert list(report["steps"]) == ["floor", "full", "spine", "hours", "late"]
    for cost in report["steps"].values():
        for figure in ("wall_seconds", "cpu_seconds", "peak_megabytes"):
            assert 0 < cost[figure]["min"] <= cost[figure]["median"] <= cost[figure]["max"]
    assert report["steps"]["full"]["models"]["fct_user_usage_daily"] > 0
    assert set(report["steps"]["spine"]["criteria"]) == {criterion["name"] for criterion in CRITERIA}
    assert report["steps"]["late"]["new_rows"] > 0
    usual = "same mart the usual way / full"
    assert set(report["ratios"]) == {"full / floor", "spine / full", "hours / full", "late / full", usual}
    assert "slowest models" in (folder / "figures.svg").read_text()


def test_the_floor_has_the_rows_of_the_daily_usage(measured):
    steps = measured[0]["steps"]
    assert steps["floor"]["rows"] == steps["full"]["rows"] > 100


def test_the_usual_way_finds_the_day_on_which_each_account_first_met_each_criterion(measured):
    with duckdb.connect(str(measured[1] / "work" / "warehouse.duckdb"), read_only=True) as warehouse:
        for name, query in spine_queries(CRITERIA).items():
            usual = f"select account_id, min(started_on) from ({query}) group by all order by all"
            ours = f"""
                select account_id, min(cast(started_at as date)) from fct_criterion_episodes
                where criterion_name = '{name}' group by all order by all"""
            assert warehouse.sql(usual).fetchall() == warehouse.sql(ours).fetchall(), name
            assert warehouse.sql(ours).fetchall(), name


def test_the_first_hours_are_a_180th_and_taken_back(measured, data):
    report, folder = measured
    rows = duckdb.sql(f"select count(*) from read_parquet('{data}/events*/*.parquet')").fetchone()[0]
    assert report["steps"]["hours"]["new_rows"] == rows // 180
    assert not [path.name for path in (folder / "work/inputs/events").iterdir() if "hours" in path.name]


def test_the_late_events_are_counted(measured):
    folder = measured[1]
    with duckdb.connect(str(folder / "work" / "warehouse.duckdb"), read_only=True) as warehouse:
        raw = warehouse.sql("select sum(raw) from event_quality").fetchone()[0]
    delivered = duckdb.read_parquet(str(folder / "work/inputs/events/*.parquet"))
    assert raw == len(delivered)


def test_memory_of_children_counts():
    hungry = "import time; memory = b'1' * 10**8; time.sleep(1)"
    parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    cost, _ = measure([sys.executable, "-c", parent, hungry], {})
    assert cost.peak_megabytes > 100


def test_a_command_that_fails_says_why():
    with pytest.raises(BenchmarkError, match="no such thing"):
        measure([sys.executable, "-c", "raise SystemExit('no such thing')"], {})


def test_a_folder_without_events_is_said_so(tmp_path, capsys):
    assert benchmark.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "no Parquet files" in capsys.readouterr().err


def test_a_missing_last_day_is_said_before_anything_is_measured(tmp_path, capsys):
    (tmp_path / "it's" / "events").mkdir(parents=True)
    (tmp_path / "it's" / "events" / "part-0.parquet").touch()
    folders = ["--data", str(tmp_path / "it's"), "--out", str(tmp_path / "out")]
    assert benchmark.main([*folders, "--steps", "full", "day"]) == 1
    assert "no events_last_day/" in capsys.readouterr().err
