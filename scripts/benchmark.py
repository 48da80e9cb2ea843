#!/usr/bin/env python
"""Measure what a build costs: seconds, CPU seconds and peak memory, beside what it is compared with.

Everything is measured in one run on one machine, each step as a process of its own:

  start      dbt starts, finds nothing to parse, and ends
  parse      dbt reads every file of the project anew
  overhead   the same build on one event: what dbt itself costs
  floor      one query by hand: reads the Parquet, deduplicates, counts by account, user, day and event
  full       the models from nothing
  unchanged  the next build, with no new data
  spine      each behaviour criterion the usual way, a join of every account's every day, on the same facts
  hours      the next build, with a 180th of all events, the first of a new day
  day        the next build, with one new day
  late       the next build, with events of a day long past that arrive only now
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from pql_tools.arguments import mapping, whole_number
from pql_tools.benchmark.arrival import in_order_of_arrival
from pql_tools.benchmark.drawing import draw
from pql_tools.benchmark.measure import BenchmarkError
from pql_tools.benchmark.session import NEED_A_LAST_DAY, NEED_A_WAREHOUSE, ROOT, STEPS, Limits, Session
from pql_tools.console import error, make_console, progress_bar
from rich.table import Table

SCHEMA_VERSION = 1
EXAMPLES = """examples:
  python scripts/benchmark.py                                    a million events, every step
  python scripts/benchmark.py --events 10M --runs 3              least, middle and most of three runs
  python scripts/benchmark.py --events 100M --out /big/disk --memory-limit 2GB --json figures.json
  python scripts/benchmark.py --data /my/export --steps full     data of one's own
  python scripts/benchmark.py --cores 2 --plot figures.svg       as on a machine with two cores

The folder of --out keeps the simulated data, so that the next run need not make them again. It needs about
2 GB per 10 million events while it runs.
"""


def make_parser() -> argparse.ArgumentParser:
    """The options of the benchmark."""
    parser = argparse.ArgumentParser(
        prog="benchmark.py",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--events", default="1M", metavar="T", help="how many events to simulate: 300k, 10M (default 1M)")
    add("--data", type=Path, metavar="DIR", help="data that are there already; nothing is simulated")
    add("--out", type=Path, metavar="DIR", help="folder to work in (default: a temporary one)")
    add(
        "--steps", nargs="+", choices=list(STEPS), metavar="STEP", help="only these steps, and what they need"
    )
    add(
        "--runs",
        type=whole_number,
        default=1,
        metavar="N",
        help="how often each step is measured (default 1)",
    )
    add(
        "--threads",
        type=whole_number,
        default=2,
        metavar="N",
        help="models that dbt builds at once (default 2)",
    )
    add("--cores", type=whole_number, metavar="N", help="cores that every process may use (default: all)")
    add("--memory-limit", default="4GB", metavar="SIZE", help="of DuckDB, for all steps alike (default 4GB)")
    add("--vars", type=mapping, default={}, metavar="YAML", help="variables, as for dbt")
    add("--json", type=Path, metavar="FILE", help="write every figure as JSON")
    add("--plot", type=Path, metavar="FILE", help="draw the figures as SVG")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure the steps asked for, and print, write and draw what they cost."""
    options = make_parser().parse_args(argv)
    try:
        with _folder(options.out) as folder:
            report = run(options, folder)
    except BenchmarkError as problem:
        error(str(problem))
        return 1
    make_console().print(_table(report), _ratio_table(report), sep="\n")
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    if options.plot:
        options.plot.write_text(draw(report))
    return 0


def run(options: argparse.Namespace, folder: Path) -> dict:
    """Every figure, by step."""
    data = options.data or _simulated(folder / "data", options.events)
    if not any((data / "events").glob("*.parquet")):
        raise BenchmarkError(f"There are no Parquet files in {data / 'events'}.")
    limits = Limits(options.threads, options.memory_limit, options.cores)
    session = Session(folder, data, limits, options.runs, options.vars)
    session.lay_out()
    wanted = set(options.steps or STEPS)
    if wanted & NEED_A_WAREHOUSE:
        wanted.add("full")
    if wanted & NEED_A_LAST_DAY:
        session.last_day()  # there may be none: that is said before anything is measured
    load_before, measured = os.getloadavg()[0], {}
    with progress_bar() as progress:
        task = progress.add_task("", total=len(wanted))
        for name, step in STEPS.items():
            if name in wanted:
                progress.update(task, description=step.__doc__)
                measured[name] = step(session)
                progress.advance(task)
    return {
        "schema_version": SCHEMA_VERSION,
        "machine": {**_machine(), "load_before": load_before, "load_after": os.getloadavg()[0]},
        "settings": {
            "events": options.events if not options.data else str(data),
            "runs": options.runs,
            **vars(limits),
        },
        "steps": measured,
        "ratios": ratios(measured),
    }


# of a build, what account-days the usual way would stand in for
REPLACED = ("int_criterion_spans", "int_criterion_runs")


def ratios(measured: dict[str, dict]) -> dict[str, dict[str, float]]:
    """What costs how much of what. `own` leaves out what dbt itself costs, where `overhead` was measured."""
    to_full = [(step, "full") for step in ("unchanged", "hours", "day", "late", "spine")]
    known = {}
    for above, below in [("full", "floor"), *to_full]:
        if above not in measured or below not in measured:
            continue
        known[f"{above} / {below}"] = _ratio(measured, above, below)
        if "overhead" in measured:
            known[f"{above} / {below}, own"] = _ratio(measured, above, below, less=measured["overhead"])
    if "spine / full" in known:
        seconds, models = measured["full"]["wall_seconds"]["median"], measured["full"]["models"]
        usual = seconds - sum(models[name] for name in REPLACED) + measured["spine"]["wall_seconds"]["median"]
        known["same mart the usual way / full"] = {"wall_seconds": round(usual / seconds, 3)}
    return known


def _ratio(measured: dict[str, dict], above: str, below: str, less: dict | None = None) -> dict[str, float]:
    """The ratio of two steps in seconds and CPU seconds, those that are builds less the cost given."""

    def cost(step: str, figure: str) -> float:
        is_build = step not in ("floor", "spine")
        return max(measured[step][figure]["median"] - (less[figure]["median"] if less and is_build else 0), 0)

    return {
        figure: round(cost(above, figure) / cost(below, figure), 3)
        for figure in ("wall_seconds", "cpu_seconds")
        if cost(below, figure)
    }


def _simulated(data: Path, events: str) -> Path:
    """The data of a simulation, made unless they are there."""
    asked = data / "benchmark.json"
    if asked.exists() and json.loads(asked.read_text()) == events:
        return data
    simulate = [
        sys.executable,
        str(ROOT / "scripts" / "simulate_events.py"),
        "--events",
        events,
        "--last-day-apart",
    ]
    made = subprocess.run(
        [*simulate, "--out", str(data), "--seeds-dir", str(data / "seeds")], stdout=subprocess.DEVNULL
    )
    if made.returncode:
        raise BenchmarkError(f"The data could not be simulated into {data}.")
    in_order_of_arrival(data)
    asked.write_text(json.dumps(events))
    return data


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given:
        given.mkdir(parents=True, exist_ok=True)
        yield given.resolve()
        return
    folder = Path(tempfile.mkdtemp(prefix="pql_benchmark_"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _machine() -> dict:
    try:
        memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (ValueError, OSError):
        memory = None
    packages = {name: version(name) for name in ("dbt-core", "dbt-duckdb", "duckdb")}
    return {"system": platform.platform(), "cores": os.cpu_count(), "memory_gigabytes": memory, **packages}


def _table(report: dict) -> Table:
    table = Table(
        title="What each step costs", title_justify="left", caption=_caption(report), caption_justify="left"
    )
    table.add_column("step")
    for name in ("seconds", "CPU seconds", "peak MB", "rows"):
        table.add_column(name, justify="right")
    for name, cost in report["steps"].items():
        figures = [_spread(cost[figure]) for figure in ("wall_seconds", "cpu_seconds", "peak_megabytes")]
        rows = cost.get("rows") or cost.get("new_rows")
        table.add_row(name, *figures, f"{rows:,}" if rows else "")
    return table


def _spread(figure: dict[str, float]) -> str:
    """The middle one, and the least and the most where they differ."""
    least, middle, most = (f"{figure[name]:,.1f}" for name in ("min", "median", "max"))
    return middle if least == most else f"{middle} ({least} to {most})"


def _caption(report: dict) -> str:
    machine, settings = report["machine"], report["settings"]
    cores = settings["cores"] or machine["cores"]
    return (
        f"events: {settings['events']}; {cores} cores, {settings['threads']} threads of dbt, memory limit"
        f" {settings['memory']}; load of the machine {machine['load_before']:.1f} before,"
        f" {machine['load_after']:.1f} after"
    )


def _ratio_table(report: dict) -> Table:
    table = Table(title="Ratios", title_justify="left")
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_column("CPU seconds", justify="right")
    for name, ratio in report["ratios"].items():
        figures = [ratio.get(figure) for figure in ("wall_seconds", "cpu_seconds")]
        table.add_row(name, *("" if figure is None else f"{figure:.2f}" for figure in figures))
    return table


if __name__ == "__main__":
    sys.exit(main())
