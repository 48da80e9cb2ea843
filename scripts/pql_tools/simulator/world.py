"""The whole world: blocks of accounts, made here or by workers, and the truth about them."""

from __future__ import annotations

import csv
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from itertools import repeat
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pql_tools.console import progress_bar
from pql_tools.simulator.clock import LAST_DATE, Calendar
from pql_tools.simulator.conversions import draw_conversions, draw_usage_after_paying, rules_met
from pql_tools.simulator.customers import describe_customers, truth_of_customers
from pql_tools.simulator.event_log import log_of, write_log
from pql_tools.simulator.event_rows import (
    ACCEPTED_KINDS,
    KINDS,
    ODDITIES,
    REJECTED_KINDS,
    STRANGERS,
    count_rows,
)
from pql_tools.simulator.hazard import HAZARD, USAGE_AFTER_PAYING, Hazard
from pql_tools.simulator.names import USERS_FROM, USERS_PER_BLOCK, opaque_ids
from pql_tools.simulator.people import Events, draw_accounts, draw_users
from pql_tools.simulator.product import LIMIT_NAMES, STORAGE_MEGABYTES
from pql_tools.simulator.sessions import draw_sessions, only_possible, session_rates
from pql_tools.simulator.settings import Settings
from pql_tools.simulator.tables import describe
from pql_tools.simulator.units import NEVER

TABLES = (
    "accounts", "users", "memberships", "account_changes", "conversions", "lead_stages", "subscription_ends",
)  # fmt: skip
TRUTH = "truth.json"
ROWS_PER_GROUP = 100_000
PLAN_LIMITS_HEADER = ("plan", "limit_name", "limit_value")


@dataclass
class Block:
    """The small tables of one block, and what it adds to the truth."""

    tables: dict[str, pa.Table]
    counts: Counter = field(default_factory=Counter)


def dice(settings: Settings, *of: int) -> np.random.Generator:
    """Return dice of their own for a part of the world."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(settings.seed, spawn_key=of)))


def simulate_block(settings: Settings, calendar: Calendar, out: Path, number: int) -> Block:
    """Simulate one block of accounts, write its events, return the rest."""
    rng = dice(settings, number)
    first = number * settings.accounts_per_block
    numbers = np.arange(first, min(first + settings.accounts_per_block, settings.accounts))
    accounts = draw_accounts(rng, numbers, calendar)
    users, milestones = draw_users(rng, accounts, calendar)
    rates = session_rates(rng, accounts, users, calendar, settings)
    everyone = np.arange(len(users))
    work = draw_sessions(rng, accounts, users, rates, everyone, calendar, settings)
    events = only_possible(Events.joined([*milestones, work]), accounts, users, calendar)
    met = rules_met(events, accounts, users, calendar, settings)
    counts = draw_conversions(rng, accounts, met, calendar)
    more = draw_usage_after_paying(rng, accounts, users, rates, calendar, settings)
    events = Events.joined([events, only_possible(more, accounts, users, calendar)])
    rows = log_of(rng, events, accounts, users, calendar)
    counts.update(count_rows(rows))
    user_ids = opaque_ids("usr_", USERS_FROM + number * USERS_PER_BLOCK + np.arange(len(users) + STRANGERS))
    write_log(rng, rows, accounts, user_ids, calendar, settings, out, number)
    tables = describe(rng, accounts, users, user_ids[:-STRANGERS], calendar)
    tables |= describe_customers(
        partial(dice, settings, number), accounts, met, tables["accounts"]["account_id"], calendar
    )
    counts.update({f"rows|{name}": len(table) for name, table in tables.items()})
    counts["accounts_converted"] = int((accounts.converted != NEVER).sum())
    return Block(tables, counts)


class TableWriter:
    """Streams small tables into one Parquet file, in row groups of a useful size."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: list[pa.Table] = []
        self.writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        """Take a table; write when enough rows have come together."""
        self.waiting.append(table)
        if sum(map(len, self.waiting)) >= ROWS_PER_GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        table = pa.concat_tables(self.waiting)
        self.writer = self.writer or pq.ParquetWriter(
            self.path, table.schema, compression="zstd", store_schema=False
        )
        self.writer.write_table(table)
        self.waiting = [table.slice(0, 0)]

    def close(self) -> None:
        """Write the rest."""
        self.flush()
        self.writer.close()


def simulate(settings: Settings, out: Path, seeds: Path, workers: int) -> dict:
    """Simulate a world into folders that exist and are empty; return the truth."""
    calendar = Calendar.of_last(settings.days)
    for folder in settings.days_apart:
        (out / folder).mkdir(parents=True)
    writers = {name: TableWriter(out / f"{name}.parquet") for name in TABLES}
    counts: Counter = Counter()
    with progress_bar() as progress, open(seeds / "conversions.csv", "w", newline="") as seed:
        task = progress.add_task("Simulating", total=settings.blocks)
        payments = csv.writer(seed, lineterminator="\n")
        payments.writerow(("account_id", "converted_at", "plan", "amount"))
        for block in blocks_in_order(settings, calendar, out, workers):
            for name, table in block.tables.items():
                writers[name].add(table)
            payments.writerows(zip(*block.tables["conversions"].to_pydict().values(), strict=True))
            counts.update(block.counts)
            progress.advance(task)
    for writer in writers.values():
        writer.close()
    write_plan_limits(settings, seeds / "plan_limits.csv")
    return truth_of(settings, calendar, counts)


def blocks_in_order(settings: Settings, calendar: Calendar, out: Path, workers: int) -> Iterator[Block]:
    """Yield the blocks in their order, made here or by workers."""
    numbers = range(settings.blocks)
    if workers == 1:
        yield from (simulate_block(settings, calendar, out, number) for number in numbers)
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        yield from pool.map(simulate_block, repeat(settings), repeat(calendar), repeat(out), numbers)
    finally:
        pool.shutdown(cancel_futures=True)


def write_plan_limits(settings: Settings, path: Path) -> None:
    """Write the seed of limits; message limits follow the world's volume."""
    limits = dict(zip(LIMIT_NAMES, (settings.message_limits, STORAGE_MEGABYTES), strict=True))
    with open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(PLAN_LIMITS_HEADER)
        rows.writerows((plan, name, value) for name, plans in limits.items() for plan, value in plans.items())


def truth_of(settings: Settings, calendar: Calendar, counts: Counter) -> dict:
    """Return what is true of this world and what its log holds."""
    kinds = {kind: counts[f"kind|{kind}"] for kind in KINDS}
    strata = [key.removeprefix("conversions|") for key in counts if key.startswith("conversions|")]
    return {
        "simulator": "scripts/simulate_events.py",
        "complete": True,
        "settings": asdict(settings),
        "span": {
            "starts_at": f"{calendar.first_date} 00:00:00",
            "ends_before": f"{LAST_DATE + timedelta(days=1)} 00:00:00",
        },
        "hazard": {
            "meaning": " ".join(Hazard.__doc__.split()),
            "baseline_per_day": HAZARD.baseline,
            "planted_rules": [asdict(rule) for rule in HAZARD.rules],
            "decoy": asdict(HAZARD.decoy),
            "usage_after_paying": USAGE_AFTER_PAYING,
        },
        "customers": truth_of_customers(),
        "message_limits": settings.message_limits,
        "conversions": {
            "accounts_converted": counts["accounts_converted"],
            "expected": round(counts["expected_conversions"], 3),
            "by_rules_met": {
                label: {
                    "days_at_risk": counts[f"days_at_risk|{label}"],
                    "conversions": counts[f"conversions|{label}"],
                }
                for label in strata
            },
        },
        "rows": {name: counts[f"rows|{name}"] for name in TABLES},
        "events": {
            "raw": sum(kinds.values()),
            "accepted": sum(kinds[kind] for kind in ACCEPTED_KINDS),
            "duplicates": kinds["exact_duplicate"] + kinds["conflicting_duplicate"],
            "conflicting_duplicates": kinds["conflicting_duplicate"],
            "rejected": {kind: kinds[kind] for kind in REJECTED_KINDS},
            "unattributed": kinds["unknown_account"] + kinds["anonymous_visit_unknown"],
            "unattributed_unknown_account": kinds["unknown_account"],
            "unattributed_anonymous": kinds["anonymous_visit_unknown"],
            "anonymous_attributed": kinds["anonymous_visit_known"],
            "of_the_accepted": {name: counts[name] for name in ODDITIES},
        },
    }
