"""A build that only looks at what is new gives the rows of a build from nothing."""

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from conftest import examples
from harness import Warehouse
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from reference.clock import instant
from reference.world import World
from reference.worlds import FILES, random_world, write_world

CORE = ("run", "--exclude", "path:models/crm", "pql_criterion_precision+", "pql_criterion_cohorts",
        "pql_qualification_curve", "int_criterion_risk_sets", "pql_definition_parts")  # fmt: skip
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
    "fct_criterion_outcomes": "*",
    "pql_build": "* exclude (built_at)",
}


class Deliveries:
    """A world that arrives bit by bit in a folder: each step adds, rewrites or takes away files."""

    def __init__(self, world: World, folder: Path, seed: int):
        self.world, self.folder, self.roll = world, Path(folder), Random(seed)
        self.variables = write_world(world, self.made(self.folder), self.folder)
        (self.folder / "events.parquet").unlink()
        self.parts = self.made(self.folder / "events")
        self.waiting = sorted(world.events, key=lambda row: str(row["received_at"] or row["occurred_at"]))
        self.delivered: dict[str, list] = {}

    @staticmethod
    def made(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def step(self, number: int, steps: int) -> None:
        """Deliver a part of what waits; now and then change what was delivered, and what is known of accounts."""
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
        for name in ("accounts", "users", "memberships", "account_changes"):
            known = getattr(self.world, name)
            share = 1 if number == steps - 1 else self.roll.choice([0.7, 0.95, 1])
            self.write(name, [row for row in known if self.roll.random() < share])

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
    """Rows that one of two warehouses has and the other has not, table by table."""
    found = []
    for table, columns in TABLES.items():
        kept, anew = (
            Counter(tuple(row.values()) for row in house.rows(table, columns)) for house in (one, other)
        )
        found += [f"{table}: only kept: {row}" for row in list(kept - anew)[:3]]
        found += [f"{table}: only anew: {row}" for row in list(anew - kept)[:3]]
    return found


def check_incremental_equals_full(project, folder: Path, seed: int, steps: int = 4) -> None:
    world = random_world(seed, **CROWD)
    deliveries = Deliveries(world, folder / "data", seed)
    for number in range(steps):
        deliveries.step(number, steps)
        variables = deliveries.variables | {"pql_as_of": deliveries.as_of()}
        kept = project.run_in(folder / "kept", deliveries.folder, variables, CORE)
        assert kept.run.success, kept.run.output
        shutil.rmtree(folder / "anew", ignore_errors=True)
        anew = project.run_in(folder / "anew", deliveries.folder, variables, CORE)
        assert anew.run.success, anew.run.output
        found = differences(kept, anew)
        assert not found, f"seed {seed}, step {number}:\n" + "\n".join(found)


@settings(max_examples=examples(3), phases=[Phase.generate], deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_number_of_deliveries_gives_the_rows_of_a_full_refresh(project, tmp_path_factory, seed):
    check_incremental_equals_full(project, tmp_path_factory.mktemp("deliveries"), seed)
