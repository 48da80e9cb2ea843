"""A folder with inputs and a warehouse of its own, and the steps that are measured in it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pql_tools.benchmark.measure import BenchmarkError, Cost, measure, summary
from pql_tools.benchmark.queries import floor_query, rows_of, spine_queries
from pql_tools.config_files import read_yaml
from pql_tools.warehouse import duckdb_literal as literal

ROOT = Path(__file__).resolve().parents[3]
INPUTS = ("accounts", "users", "memberships", "account_changes", "conversions")
MODELS = ("--resource-type", "model", "--resource-type", "seed")


@dataclass(frozen=True)
class Limits:
    """What every measured process gets, the builds and what they are compared with alike."""

    threads: int
    memory: str
    cores: int | None = None


@dataclass
class Session:
    """The folder of one benchmark."""

    folder: Path
    data: Path
    limits: Limits
    runs: int = 1
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> Path:
        """Where the builds read."""
        return self.folder / "inputs"

    @property
    def warehouse(self) -> Path:
        """The file that the builds write."""
        return self.folder / "warehouse.duckdb"

    def last_day(self) -> list[Path]:
        """The files of the last day's events, which lie apart; a BenchmarkError where there are none."""
        files = sorted((self.data / "events_last_day").glob("*.parquet"))
        if not files:
            raise BenchmarkError(
                f"There is no events_last_day/ in {self.data}, which `hours` and `day` need: simulate with"
                " --last-day-apart, or name other --steps."
            )
        return files

    def deliver(self, files: list[Path], delivery: str) -> None:
        """Lay further files of events beside those already there."""
        for number, path in enumerate(files):
            link = self.inputs / "events" / f"{delivery}-{number:05d}.parquet"
            link.symlink_to(path.resolve())

    def lay_out(self) -> None:
        """Start anew: the inputs as they were before the last day, and no warehouse."""
        shutil.rmtree(self.inputs, ignore_errors=True)
        (self.inputs / "events").mkdir(parents=True)
        self.warehouse.unlink(missing_ok=True)
        for name in INPUTS:
            if (self.data / f"{name}.parquet").exists():
                (self.inputs / f"{name}.parquet").symlink_to((self.data / f"{name}.parquet").resolve())
        self.deliver(sorted((self.data / "events").glob("*.parquet")), "base")

    def dbt(self, *arguments: str, inputs: Path | None = None, warehouse: Path | None = None) -> Cost:
        """Run dbt on this folder and return what it cost."""
        environment = {
            "PQL_DATA_DIR": str(inputs or self.inputs),
            "PQL_DUCKDB_PATH": str(warehouse or self.warehouse),
            "PQL_THREADS": str(self.limits.threads),
            "PQL_MEMORY_LIMIT": self.limits.memory,
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        variables = json.dumps({"pql_conversions_from": "source", **self.variables})
        places = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--vars", variables]
        command = [str(Path(sys.executable).parent / "dbt"), *arguments, *places]
        return measure(command, environment, self.limits.cores)[0]

    def build(self, *arguments: str) -> tuple[Cost, dict[str, float]]:
        """Build the models and return what it cost, and the seconds of each."""
        cost = self.dbt("build", *MODELS, *arguments)
        results = json.loads((self.folder / "target" / "run_results.json").read_text())["results"]
        seconds = {
            entry["unique_id"].rsplit(".", 1)[-1]: round(entry["execution_time"], 3)
            for entry in results
            if entry["unique_id"].startswith("model.")
        }
        return cost, dict(sorted(seconds.items(), key=lambda item: -item[1]))

    def sql(self, statements: dict[str, str], path: Path) -> tuple[Cost, dict[str, dict]]:
        """Run hand-written SQL on a DuckDB file and return what it cost, and seconds and rows of each."""
        settings = {"memory_limit": self.limits.memory, "preserve_insertion_order": "false"}
        task = self.folder / "statements.json"
        task.write_text(json.dumps({"path": str(path), "settings": settings, "statements": statements}))
        command = [sys.executable, str(Path(__file__).parent / "run_sql.py"), str(task)]
        cost, output = measure(command, {}, self.limits.cores)
        return cost, json.loads(output.strip().splitlines()[-1])

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Put warehouse and inputs back, in the end, as they are now."""
        kept, known = self.folder / "kept.duckdb", set((self.inputs / "events").iterdir())
        shutil.copyfile(self.warehouse, kept)
        try:
            yield
        finally:
            kept.replace(self.warehouse)
            for path in set((self.inputs / "events").iterdir()) - known:
                path.unlink()


def start(session: Session) -> dict:
    """dbt by itself: it starts, finds nothing changed, and ends."""
    session.dbt("parse")
    return summary(session.dbt("parse") for _ in range(session.runs))


def parse(session: Session) -> dict:
    """dbt reads every file of the project anew."""
    return summary(session.dbt("parse", "--no-partial-parse") for _ in range(session.runs))


def overhead(session: Session) -> dict:
    """The same build on one event and one account: all that is left is dbt's own cost."""
    folder = session.folder / "almost_nothing"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, place in {"events": "events/*.parquet", "accounts": "accounts.parquet"}.items():
        path = literal(str(folder / f"{name}.parquet"))
        duckdb.sql(f"copy (from {rows_of(session.data / place)} limit 1) to {path}")
    places, costs = {"inputs": folder, "warehouse": folder / "warehouse.duckdb"}, []
    session.dbt("parse", **places)
    for _ in range(session.runs):
        places["warehouse"].unlink(missing_ok=True)
        costs.append(session.dbt("build", *MODELS, **places))
    return summary(costs)


def floor(session: Session) -> dict:
    """One query by hand."""
    path, costs = session.folder / "floor.duckdb", []
    for _ in range(session.runs):
        path.unlink(missing_ok=True)
        cost, results = session.sql({"floor": floor_query(session.inputs / "events" / "*.parquet")}, path)
        costs.append(cost)
    path.unlink()
    return {**summary(costs), "rows": results["floor"]["rows"]}


def full(session: Session) -> dict:
    """Everything from nothing."""
    session.dbt("parse")
    costs = []
    for _ in range(session.runs):
        session.warehouse.unlink(missing_ok=True)
        cost, models = session.build("--full-refresh")
        costs.append(cost)
    with duckdb.connect(str(session.warehouse), read_only=True) as connection:
        rows = connection.execute("select count(*) from fct_user_usage_daily").fetchone()[0]
    return {**summary(costs), "rows": rows, "models": models}


def unchanged(session: Session) -> dict:
    """The next build, with no new data."""
    builds = [session.build() for _ in range(session.runs)]
    return {**summary(cost for cost, _ in builds), "models": builds[-1][1]}


def hours(session: Session) -> dict:
    """The next build, with a 180th of all events: those that the last day brought first."""
    path, last_day = session.folder / "hours.parquet", session.last_day()
    everything = rows_of(session.inputs / "events" / "*.parquet", *last_day)
    share = duckdb.sql(f"select count(*) // 180 from {everything}").fetchone()[0]
    first = f"from {rows_of(*last_day)} order by received_at limit {share}"
    duckdb.sql(f"copy ({first}) to {literal(str(path))}")
    return _delivered(session, [path], "hours", stays=False)


def day(session: Session) -> dict:
    """The next build, with one new day."""
    return _delivered(session, session.last_day(), "day")


def late(session: Session) -> dict:
    """The next build, with events of a day long past that arrive only now."""
    path = session.folder / "late.parquet"
    events = rows_of(session.inputs / "events" / "*.parquet")
    duckdb.sql(f"""
        copy (
            with bounds as (
                select
                    cast(median(received_at) as date) as late_day,
                    max(received_at) as last_received_at
                from {events}
            )
            select * replace (
                'late-' || event_id as event_id,
                (select last_received_at + interval 1 second from bounds) as received_at
            )
            from {events}
            where cast(occurred_at as date) = (select late_day from bounds)
        ) to {literal(str(path))}""")
    return _delivered(session, [path], "late")


def _delivered(session: Session, files: list[Path], delivery: str, stays: bool = True) -> dict:
    builds = []
    for runs_left in reversed(range(session.runs)):
        with nullcontext() if stays and not runs_left else session.put_back():
            session.deliver(files, delivery)
            builds.append(session.build())
    rows = duckdb.sql(f"select count(*) from {rows_of(*files)}").fetchone()[0]
    return {**summary(cost for cost, _ in builds), "new_rows": rows, "models": builds[-1][1]}


def spine(session: Session) -> dict:
    """Each behaviour criterion the usual way, on the facts that the build left."""
    criteria = session.variables.get("pql_criteria") or _written_criteria()
    queries = spine_queries(criteria)
    costs = []
    for _ in range(session.runs):
        cost, results = session.sql(queries, session.warehouse)
        costs.append(cost)
    return {**summary(costs), "criteria": {name: result["seconds"] for name, result in results.items()}}


def _written_criteria() -> list[dict]:
    return read_yaml(ROOT / "vars.yml")["vars"]["pql_criteria"]


# In the order in which they are measured: each leaves the warehouse as the next wants it.
STEPS: dict[str, Callable[[Session], dict]] = {
    step.__name__: step for step in (start, parse, overhead, floor, full, unchanged, spine, hours, day, late)
}
NEED_A_WAREHOUSE = {"unchanged", "spine", "hours", "day", "late"}
NEED_A_LAST_DAY = {"hours", "day"}
