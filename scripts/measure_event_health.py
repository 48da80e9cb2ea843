"""Measure what event_health says of a year: false alarms, faults of tracking found, real falls told apart.

Simulates products whose tracking is sound, asks the model's own SQL on each day of a year, then plants faults
(the tracker of one event breaks for everybody; a release renames one) and real falls (a feature that two of
three accounts give up; half of all accounts that stop doing anything), each event on a day of its own.

    python scripts/measure_event_health.py                           # about two minutes
    python scripts/measure_event_health.py --seeds 11 --json         # one product, for a machine

Recorded with seeds 11, 12 and 13: 7,073 verdicts of three quiet years, none that tracking broke and one that
use fell. Of 36 faults 36 were found, after 2 to 3 days; of 36 falls none was taken for a fault.

Exit codes: 0 measured; 2 something in the command is wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from pql_tools.arguments import whole_number_within
from pql_tools.console import make_console
from pql_tools.first_steps.look import dbt_compile

SCRIPTS = Path(__file__).resolve().parent
YEAR, BEFORE, LAST = 365, 45, date(2026, 6, 30)  # days judged and before; the simulator's last
FOLLOWED = 8  # days on which a planted fault may be found
# what happens: the event whose tracking it is, which rows it is about, and what they are called from then on
PLANTED = {
    "breaks": ("{0}", "event_name = '{0}'", "null"),
    "is renamed": ("{0}", "event_name = '{0}'", "'{0}.v2'"),
    "is given up by two of three accounts": ("", "event_name = '{0}' and hash(account_id) % 3 > 0", "null"),
    "stops with half of all accounts": ("", "hash(account_id) % 2 = 0", "null"),
}


def make_parser() -> argparse.ArgumentParser:
    """The options, with the text above as help."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12, 13], metavar="N", help="products")
    parser.add_argument("--accounts", type=whole_number_within(50, 100_000), default=600, help="default: 600")
    parser.add_argument(
        "--events", type=whole_number_within(1, 20), default=6, help="events to plant in; default: 6"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a product")
    return parser


class Product:
    """A simulated product, whose usage event_health is asked of."""

    def __init__(self, seed: int, accounts: int, sql: str):
        self.sql, self.connection = sql, duckdb.connect()
        with tempfile.TemporaryDirectory() as folder:
            given = {"accounts": accounts, "days": YEAR + BEFORE, "seed": seed, "out": f"{folder}/world"}
            options = [part for name, value in given.items() for part in (f"--{name}", str(value))]
            command = [sys.executable, SCRIPTS / "simulate_events.py", *options]
            subprocess.run(command, check=True, capture_output=True)
            self.connection.execute(
                f"""
                create table usage as
                select account_id, user_id, occurred_at::date as local_date, event_name,
                    count(distinct event_id) as events
                from read_parquet('{folder}/world/events/*.parquet')
                where account_id is not null and user_id is not null and occurred_at is not null
                group by all
                """
            )

    def verdicts(self, day: date, rows: str = "usage") -> dict[str, str]:
        """What is said on a day of every event, by name."""
        self.connection.execute(
            f"""
            create or replace table fct_user_usage_daily as
            select * from {rows} as usage where local_date between date '{day}' - 36 and date '{day}';
            create or replace table int_as_of as select timestamp '{day}' as as_of
            """
        )
        return {row[0]: row[1] for row in self.connection.execute(self.sql).fetchall()}

    def quiet(self) -> dict[str, int]:
        """Verdicts of a year in which nothing is wrong."""
        said = [
            verdict
            for ago in range(YEAR)
            for verdict in self.verdicts(LAST - timedelta(days=ago)).values()
            if verdict in ("usual", "tracking", "usage")
        ]
        return {"judged": len(said), "tracking": said.count("tracking"), "usage": said.count("usage")}

    def planted(self, what: str, event: str, since: date) -> dict[str, Any]:
        """After how many days tracking was said to be broken: of the event, and of others."""
        of, where, name = (text.format(event) for text in PLANTED[what])
        changed = f"{where} and local_date >= date '{since}'"
        rows = f"""(
            select * from usage where not ({changed})
            union all
            select * replace ({name}::varchar as event_name) from usage where {changed} and {name} is not null
        )"""
        found, others = None, set()
        for after in range(1, FOLLOWED + 1):
            broken = {
                name
                for name, verdict in self.verdicts(since + timedelta(days=after), rows).items()
                if verdict == "tracking"
            }
            if of in broken and found is None:
                found = after
            others |= broken - {of}
        return {
            "what": what,
            "event": event,
            "is_fault": bool(of),
            "found_after": found,
            "others": sorted(others),
        }

    def most_frequent(self, events: int) -> list[str]:
        """The events that come most often."""
        asked = f"select event_name from usage group by 1 order by sum(events) desc, 1 limit {events}"
        return [name for (name,) in self.connection.execute(asked).fetchall()]


def measure(seed: int, options: argparse.Namespace, sql: str) -> dict[str, Any]:
    """All figures of one product."""
    product = Product(seed, options.accounts, sql)
    results = [
        product.planted(what, event, LAST - timedelta(days=290 - 31 * place))
        for place, event in enumerate(product.most_frequent(options.events))
        for what in PLANTED
    ]
    return {"seed": seed, "quiet": product.quiet(), "planted": results}


def show(found: dict[str, Any]) -> None:
    """The figures of one product in three lines."""
    quiet, faults = found["quiet"], [each for each in found["planted"] if each["is_fault"]]
    falls = [each for each in found["planted"] if not each["is_fault"]]
    days = sorted(each["found_after"] for each in faults if each["found_after"])
    mistaken = sum(bool(each["others"]) for each in falls)
    also = sum(bool(each["others"]) for each in faults)
    make_console().print(
        f"seed {found['seed']}: a quiet year of {quiet['judged']:,} verdicts: {quiet['tracking']} said that "
        f"tracking broke, {quiet['usage']} that use fell.\n"
        f"  {len(faults)} faults of tracking planted: {len(days)} found"
        + (
            f", after {days[0]} to {days[-1]} days, half of them within {days[(len(days) - 1) // 2]}"
            if days
            else ""
        )
        + f"; {also} with another event named as well.\n"
        f"  {len(falls)} real falls planted: {mistaken} taken for a fault of tracking.",
        soft_wrap=True,
    )


def main(argv: list[str] | None = None) -> int:
    """Simulate, ask, show."""
    options = make_parser().parse_args(argv)
    without = ("--exclude", "resource_type:test resource_type:unit_test")
    (sql,) = dbt_compile("--select", "event_health", *without)
    sql = re.sub(r'"\w+"\."\w+"\."(\w+)"', r"\1", sql)
    for seed in options.seeds:
        found = measure(seed, options, sql)
        if options.json:
            print(json.dumps(found))
        else:
            show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
