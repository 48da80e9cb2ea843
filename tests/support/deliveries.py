"""A world that arrives bit by bit, and the tables that a build of its leads writes."""

import csv
from datetime import timedelta
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from harness import FOR_OTHERS, MODELS_ONLY, Warehouse
from reference.clock import instant
from reference.world import World
from reference.worlds import FILES, SEEDS, random_world, write_world
from warehouse_differences import table_differences

CORE = (*MODELS_ONLY, "--exclude", *FOR_OTHERS, "tag:evaluation")


WITH_EVALUATION = (*MODELS_ONLY, "--exclude", *FOR_OTHERS)


CROWD = {"accounts": 25, "rows": 1200, "criteria": 18, "definitions": 3}


TABLES = {
    "stg_product__events": "*",
    "stg_product__events_rejected": "*",
    "event_quality": "*",
    "dim_accounts": "*",
    "fct_user_usage_daily": "*",
    "fct_account_usage_daily": "*",
    "fct_criterion_episodes": "*",
    "pql_account_criteria": "*",
    "fct_pql_episodes": "*",
    "pql_accounts": "*",
    "pql_build": "* exclude (built_at)",
}


# columns that change from one delivery to the next, and those that may become empty
CHANGING = {
    "accounts": ("signed_up_at", "plan", "industry", "trial_ends_at", "closed_at", "time_zone", "domain"),
    "users": ("account_id", "email"),
    "memberships": ("account_id", "joined_at", "left_at"),
    "account_changes": ("value", "changed_at"),
    "user_aliases": ("user_id", "aliased_at"),
    "account_merges": ("into_account_id", "merged_at"),
    "lead_stages": ("stage", "entered_at"),
    "subscription_ends": ("ended_at",),
}


OPTIONAL = {"plan", "industry", "trial_ends_at", "closed_at", "time_zone", "domain", "left_at", "value"}


class Deliveries:
    """A world that arrives bit by bit in a folder: each step adds, rewrites or takes away files."""

    def __init__(self, world: World, folder: Path, seed: int):
        self.world, self.folder, self.roll = world, Path(folder), Random(seed)
        self.variables = write_world(world, self.made(self.folder), self.folder)
        (self.folder / "events.parquet").unlink()
        self.parts = self.made(self.folder / "events")
        self.waiting = sorted(world.events, key=lambda row: str(row["received_at"] or row["occurred_at"]))
        self.delivered: dict[str, list] = {}
        self.other = random_world(seed + 1, **CROWD)

    @staticmethod
    def made(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def step(self, number: int, steps: int) -> None:
        """Deliver a part of what waits; now and then change what is there already."""
        share = len(self.waiting) // (steps - number)
        late = [self.waiting.pop(self.roll.randrange(len(self.waiting))) for _ in range(share // 10)]
        rows, self.waiting = [*self.waiting[:share], *late], self.waiting[share:]
        self.roll.shuffle(rows)
        self.deliver(f"part_{number}", rows)
        if number and self.roll.random() < 0.5:
            name = self.roll.choice(list(self.delivered))
            kept = [row for row in self.delivered[name] if self.roll.random() < 0.9]
            self.deliver(name, kept + self.roll.sample(rows, len(rows) // 20))
        if number and self.roll.random() < 0.2:
            self.deliver(self.roll.choice(list(self.delivered)), None)
        if number and self.roll.random() < 0.2:
            self.rename()
        for name in CHANGING:
            known = self.changed(name, number) if number else getattr(self.world, name)
            shares = [0, 0.6, 1, 1] if name in ("user_aliases", "account_merges") else [0.7, 0.95, 1]
            share = 1 if number == steps - 1 else self.roll.choice(shares)
            if not number or self.roll.random() < 0.6:  # else the file stays as it was
                self.write(name, [row for row in known if self.roll.random() < share])
        for name in SEEDS:
            rows = [row for row in getattr(self.world, name) if not number or self.roll.random() < 0.8]
            if self.roll.random() < 0.5:
                self.write_seed(name, rows)

    def changed(self, name: str, number: int) -> list:
        """The rows of an input, of which a few now say something else, of the past as well."""
        rows = [dict(row) for row in getattr(self.world, name)]
        for row in self.roll.sample(rows, min(len(rows), self.roll.choice((0, 0, 1, 2)))):
            other, column = self.roll.choice(rows), self.roll.choice(CHANGING[name])
            row[column] = self.roll.choice(
                (other[column], other[column], None if column in OPTIONAL else row[column])
            )
        return rows

    def write_seed(self, name: str, rows: list) -> None:
        with Path(self.folder, f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, SEEDS[name])
            writer.writeheader()
            writer.writerows(rows)

    def rename(self) -> None:
        """One file is now called otherwise, with the same rows."""
        name = self.roll.choice(list(self.delivered))
        rows, again = self.delivered[name], f"renamed_{self.roll.randrange(10**6)}"
        self.deliver(name, None)
        self.deliver(again, rows)

    def settings(self) -> dict:
        """Now and then other rules, which the next build may take back."""
        changes = [
            {name: self.other.variables[name] for name in ("pql_criteria", "pql_definitions")},
            {"pql_time_zone": "Pacific/Auckland"},
            {"pql_horizon_days": 5},
            {"pql_ignored_events": [{"events": ["login"]}]},
            {"pql_duplicates_within_days": 3},
            {"pql_conversions_as_of": "2026-03-10"},
        ]
        return self.variables | (self.roll.choice(changes) if self.roll.random() < 0.25 else {})

    def deliver(self, name: str, rows: list | None) -> None:
        path = self.parts / f"{name}.parquet"
        if rows is None:
            del self.delivered[name]
            path.unlink()
        else:
            self.delivered[name] = rows
            pq.write_table(pa.Table.from_pylist(rows, FILES["events"]), path)

    def write(self, name: str, rows: list) -> None:
        pq.write_table(pa.Table.from_pylist(rows, FILES[name]), self.folder / f"{name}.parquet")

    def as_of(self) -> str | None:
        """Now and then an as-of of one's own, which may also go back."""
        moments = [instant(row["occurred_at"]) for rows in self.delivered.values() for row in rows]
        moments = sorted(moment for moment in moments if moment is not None)
        if not moments or self.roll.random() < 0.6:
            return None
        return str(
            moments[int(len(moments) * self.roll.choice([0.5, 0.8, 0.95]))]
            + timedelta(hours=self.roll.randrange(30))
        )


def differences(one: Warehouse, other: Warehouse) -> list[str]:
    """Where the tables of two builds differ, but for what may differ."""
    return table_differences(one.path, other.path)


def delivered_twice(project, folder: Path, seed: int) -> tuple[Deliveries, Path, Warehouse]:
    """A warehouse built on a first delivery, a second that waits, and a build from nothing on both."""
    deliveries = Deliveries(random_world(seed, **CROWD), folder / "data", seed)
    deliveries.step(0, 2)
    before = project.run_in(folder / "before", deliveries.folder, deliveries.variables, CORE)
    assert before.run.success, before.run.output
    close(before.path)
    deliveries.step(1, 2)
    anew = project.run_in(folder / "anew", deliveries.folder, deliveries.variables, CORE)
    assert anew.run.success, anew.run.output
    return deliveries, before.path, anew


def assert_mended(project, home: Path, deliveries: Deliveries, anew: Warehouse) -> None:
    """The next build ends with the rows of one from nothing."""
    mended = project.run_in(home, deliveries.folder, deliveries.variables, CORE)
    assert mended.run.success, mended.run.output
    assert differences(mended, anew) == []


def close(path: Path) -> None:
    """Write everything of a warehouse into its file, so that it can be copied."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("checkpoint")
