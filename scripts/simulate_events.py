#!/usr/bin/env python
"""Simulate a believable SaaS product, its dirty event log, and conversions with a known cause.

The product is a team-work app on a free plan or a trial. Accounts differ in size, persona and intent;
people work in sessions, on weekdays, by their account's own clock; teams invite, integrate, fade and close.
An account converts by the `HAZARD` of pql_tools/simulator/hazard.py and by nothing else, so a criterion's
true worth is known: `truth.json`, next to the data, holds the planted rules and the number of each kind of
dirty row.

Everything is drawn per block of accounts from `SeedSequence(seed, spawn_key=(block,))`. The output therefore
depends on the arguments alone: not on the clock, the machine, or the number of workers.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from itertools import product
from pathlib import Path

from pql_tools.console import error, make_console
from pql_tools.simulator.product import LIMIT_NAMES, MONTHLY_MESSAGES
from pql_tools.simulator.sales import ANSWERS
from pql_tools.simulator.settings import Settings
from pql_tools.simulator.world import TABLES, TRUTH, simulate
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent

HELP = """\
examples:
  the demo: 1,200 accounts, about 300,000 events, into demo_data/ and seeds/
    python scripts/simulate_events.py

  another world of the same kind
    python scripts/simulate_events.py --seed 7 --out /tmp/world_7

  a benchmark of about 100 million events, with the last day's rows in events_last_day/
    python scripts/simulate_events.py --events 100M --last-day-apart --out /tmp/big

what decides how much there is:
  --accounts N                          N accounts with about 250 events each (per 180 days)
  --accounts N --events-per-account E   N accounts with about E events each
  --events T                            accounts with about 2,000 events each (per 180 days), T in all
  --events T --accounts N               N accounts that share about T events

The span always ends on 2026-06-30, and the same arguments always give the same data. The folder also gets
truth.json: what makes accounts convert, and how many rows of each kind the log holds.
"""

DEFAULT_OUT, DEFAULT_SEEDS = ROOT / "demo_data", ROOT / "seeds"
DEFAULT_ACCOUNTS = 1_200
EVENTS_PER_ACCOUNT, EVENTS_PER_BIG_ACCOUNT = 250, 2_000  # per 180 days
WORTH_A_POOL = 2_000_000  # events; fewer are simulated sooner than worker processes start
SIMULATED_ACCOUNT = re.compile(r"acc_[0-9a-f]{12}")


class UsageError(Exception):
    """What was asked for is not possible; the message says why, in one line."""


class Parser(argparse.ArgumentParser):
    """Leaves it to `main` to print what is wrong."""

    def error(self, message: str) -> None:
        """Raise what is wrong instead of printing it."""
        raise UsageError(f"{message} (see --help)")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of whole numbers in a range, that understands 300_000, 300k and 10M."""

    def parse(text: str) -> int:
        match = re.fullmatch(r"(\d[\d_,]*)([kKmM]?)", text)
        if not match:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
        digits, unit = match.groups()
        value = int(re.sub("[_,]", "", digits)) * {"": 1, "k": 1_000, "m": 1_000_000}[unit.lower()]
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{value:,} is not between {least:,} and {most:,}")
        return value

    return parse


def parser() -> Parser:
    """Return the command line."""
    result = Parser(
        description=__doc__.split("\n\n")[0],
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = result.add_argument
    add("--accounts", type=whole_number(1, 100_000_000), metavar="N", help="number of accounts")
    add(
        "--events", type=whole_number(1, 10**11), metavar="T", help="approximate number of events: 300k, 100M"
    )
    add("--events-per-account", type=whole_number(1, 100_000), metavar="E", help="approximate events of each")
    add("--days", type=whole_number(30, 3_650), default=180, metavar="D", help="length of the span (180)")
    add("--seed", type=whole_number(0, 2**63), default=1, metavar="S", help="which world of its kind (1)")
    add("--out", type=Path, default=DEFAULT_OUT, metavar="DIR", help="folder of the data (demo_data)")
    add("--seeds-dir", type=Path, metavar="DIR", help="folder of the two CSV files (seeds; or OUT/seeds)")
    apart = result.add_mutually_exclusive_group().add_argument
    apart(
        "--last-day-apart", action="store_true", help="rows received on the last day go to events_last_day/"
    )
    apart(
        "--hold-back",
        type=whole_number(1, 29),
        default=0,
        metavar="N",
        help="rows received on the last N days go to events_to_come/, a folder a day",
    )
    add("--workers", type=whole_number(1, 1_024), metavar="W", help="processes; changes nothing but the time")
    add("--force", action="store_true", help="replace files although this script did not make them")
    return result


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Work out how many accounts there are, and how busy they are."""
    accounts, events, each = arguments.accounts, arguments.events, arguments.events_per_account
    if events and each and accounts:
        raise UsageError("give two of --accounts, --events and --events-per-account; the third follows")
    if events:
        each = events / accounts if accounts else each or EVENTS_PER_BIG_ACCOUNT * arguments.days / 180
        accounts = accounts or max(1, round(events / each))
    each = each or EVENTS_PER_ACCOUNT * arguments.days / 180
    if not 1 <= each <= 100_000:
        raise UsageError(f"that is {each:,.2f} events per account; they need 1 to 100,000")
    return Settings(
        accounts or DEFAULT_ACCOUNTS,
        arguments.days,
        arguments.seed,
        each,
        arguments.last_day_apart,
        arguments.hold_back,
    )


def prepare(out: Path, seeds: Path, force: bool) -> None:
    """Make both folders, empty of earlier output; refuse to touch what this script did not make."""
    for folder in (out, seeds):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file, not a folder")
    if out.exists() and any(out.iterdir()) and not (out / TRUTH).exists() and not force:
        raise UsageError(
            f"{out} holds something that this script did not make; choose another --out or --force"
        )
    for path in (seeds / "conversions.csv", seeds / "plan_limits.csv"):
        if path.exists() and not is_simulated(path) and not force:
            raise UsageError(f"{path} does not look simulated; choose another --seeds-dir or --force")
    for name in ("events", "events_last_day", "events_to_come"):
        shutil.rmtree(out / name, ignore_errors=True)
    (out / ANSWERS).unlink(missing_ok=True)  # they are about accounts of the world before
    for name in TABLES:
        (out / f"{name}.parquet").unlink(missing_ok=True)
    (out / "events").mkdir(parents=True)
    seeds.mkdir(parents=True, exist_ok=True)


def is_simulated(path: Path) -> bool:
    """Tell a seed of this script from somebody's own: by its account ids, or its plans and limits."""
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        rows = list(csv.reader(file))[1:]
    if path.name == "conversions.csv":
        return all(row and SIMULATED_ACCOUNT.fullmatch(row[0]) for row in rows)
    return {tuple(row[:2]) for row in rows} <= set(product(MONTHLY_MESSAGES, LIMIT_NAMES))


def summary(truth: dict, out: Path, seeds: Path) -> Table:
    """Return what was made, for a reader."""
    events, accounts = truth["events"], truth["rows"]["accounts"]
    converted = truth["conversions"]["accounts_converted"]
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right", overflow="fold")
    table.add_row("data", str(out))
    table.add_row("dbt seeds", str(seeds))
    table.add_row("accounts", f"{accounts:,}")
    table.add_row("  of which converted", f"{converted:,} ({converted / accounts:.1%})")
    table.add_row("users", f"{truth['rows']['users']:,}")
    table.add_row("event rows", f"{events['raw']:,}")
    table.add_row("  duplicates", f"{events['duplicates']:,}")
    table.add_row("  to be rejected", f"{sum(events['rejected'].values()):,}")
    table.add_row("  of unknown accounts or visitors", f"{events['unattributed']:,}")
    return table


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0, 2 for a usage error, 1 if the files could not be written."""
    try:
        arguments = parser().parse_args(argv)
        settings = settings_of(arguments)
        out = arguments.out
        seeds = arguments.seeds_dir or (DEFAULT_SEEDS if out.resolve() == DEFAULT_OUT else out / "seeds")
        prepare(out, seeds, arguments.force)
        few = settings.accounts * settings.events_per_account < WORTH_A_POOL
        workers = arguments.workers or (1 if few else os.cpu_count() or 1)
        write_truth(out, {"simulator": "scripts/simulate_events.py", "complete": False})
        truth = simulate(settings, out, seeds, min(workers, settings.blocks))
        write_truth(out, truth)
    except UsageError as problem:
        error(str(problem))
        return 2
    except (OSError, BrokenProcessPool) as problem:
        error(str(problem))
        return 1
    except KeyboardInterrupt:
        error("interrupted; the folder holds an unfinished world")
        return 130
    make_console().print(summary(truth, out, seeds))
    return 0


def write_truth(out: Path, truth: dict) -> None:
    """Write the truth, which also marks the folder as this script's."""
    (out / TRUTH).write_text(json.dumps(truth, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
