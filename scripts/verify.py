#!/usr/bin/env python
"""Prove that the tables kept from build to build are those of a build from nothing.

Brings the warehouse up to date, builds a full-refresh copy beside it in a schema of its own (dropped
afterwards), and compares every table row by row. The tables that people use are written by the first step
only, as by any `dbt build`.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import NamedTuple

from pql_tools.console import error, make_console
from pql_tools.warehouse import PACKAGE, Warehouse, WarehouseError, open_warehouse, warehouse_parser
from pql_tools.warehouse.run_dbt import scratch_schema
from rich.table import Table

SUFFIX = "_pql_verify"
TABLES = (
    "stg_product__events", "stg_product__events_rejected", "event_quality", "dim_accounts",
    "fct_user_usage_daily", "fct_account_usage_daily", "fct_criterion_episodes", "pql_account_criteria",
    "fct_pql_episodes", "pql_accounts", "fct_criterion_outcomes", "pql_stage_overlap", "pql_build",
)  # fmt: skip
PER_BUILD = {"built_at"}
OURS = f"package:{PACKAGE}"
APART = "7_sales"  # the folder of models that are not compared
BUILD = ("build", "--exclude-resource-types", "test unit_test exposure")
EXAMPLES = """examples:
  bring the warehouse up to date and prove it
    python scripts/verify.py

  show twenty rows of each difference, as JSON
    python scripts/verify.py --rows 20 --format json

A difference is a fault of the project: report it with the rows shown. Until it is mended,
`dbt build --full-refresh` gives right tables.

exit codes: 0 equal; 1 a table differs; 2 the question cannot be answered, with a sentence saying why
"""


class Verdict(NamedTuple):
    """One table: its rows in both builds, and how many, and which, stand in one of them alone."""

    table: str
    kept_rows: int
    anew_rows: int
    only_kept: int
    only_anew: int
    examples: list[dict]
    came_again: int = 0  # accepted events whose id another accepted one has: `pql_duplicates_within_days`

    @property
    def equal(self) -> bool:
        """Whether the two hold the same rows."""
        return self.kept_rows == self.anew_rows and not self.only_kept and not self.only_anew


def main(argv: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parser().parse_args(argv)
    try:
        verdicts = verify(options)
    except WarehouseError as problem:
        error(str(problem))
        return 2
    if options.format == "json":
        print(
            json.dumps(
                [verdict._asdict() | {"equal": verdict.equal} for verdict in verdicts], default=str, indent=2
            )
        )
    else:
        show(verdicts)
    return 0 if all(verdict.equal for verdict in verdicts) else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument(
        "--rows", type=int, default=3, metavar="N", help="rows to show of each difference (3)"
    )
    parser.add_argument("--format", choices=("table", "json"), default="table")
    return parser


def verify(options: argparse.Namespace) -> list[Verdict]:
    """Build both ways and compare."""
    status = make_console(stderr=True).status
    with open_warehouse(options) as warehouse:
        warehouse.connect()
        copy = scratch_schema(warehouse, SUFFIX)
    with copy as (here, there):
        with status("bringing the warehouse up to date"):
            here.run(*BUILD, "--select", OURS, "--exclude", f"fqn:{PACKAGE}.{APART}")
        with status("building a copy from nothing"):
            live = ("--defer", "--favor-state", "--state", str(here.artifacts))  # a host's inputs as they are
            there.run(*BUILD, "--full-refresh", *live, "--select", *(f"+{table},{OURS}" for table in TABLES))
        copies = there.relations()
        with open_warehouse(options) as warehouse, status("comparing"):
            verdicts = [compare(warehouse, table, copies[table], options.rows) for table in TABLES]
            return [verdicts[0]._replace(came_again=came_again(warehouse)), *verdicts[1:]]


def compare(warehouse: Warehouse, table: str, copy: str, examples: int) -> Verdict:
    """Compare a table with its copy."""
    kept = warehouse.relation(table)
    names = warehouse.names_of(kept).items()
    columns = ", ".join(written for name, written in names if name not in PER_BUILD)
    without = warehouse.rendered("without_rows_of")

    def count(of: str) -> int:
        return int(warehouse.rows(f"select count(*) as n from {of}")[0]["n"])

    def only(one: str, other: str) -> str:
        return f"(select {columns} from {one} {without} select {columns} from {other}) as only_one"

    sides = [(kept, copy), (copy, kept)]
    found = [
        {"stands": stands} | row
        for stands, side in zip(("only kept", "only anew"), sides, strict=True)
        for row in warehouse.rows(f"select * from {only(*side)} limit {examples}")
    ]
    return Verdict(table, count(kept), count(copy), *(count(only(*side)) for side in sides), found)


def came_again(warehouse: Warehouse) -> int:
    """How many accepted events have the id of an earlier one, received too long before to be compared."""
    events = warehouse.relation(TABLES[0])
    return int(warehouse.rows(f"select count(*) - count(distinct event_id) as n from {events}")[0]["n"])


def show(verdicts: list[Verdict]) -> None:
    """Print the verdicts for people."""
    console = make_console()
    table = Table("table", title="Kept from build to build, and built from nothing", title_justify="left")
    for heading in ("rows kept", "rows anew", "only kept", "only anew", ""):
        table.add_column(heading, justify="right")
    for each in verdicts:
        counts = (each.kept_rows, each.anew_rows, each.only_kept, each.only_anew)
        mark = "[green]equal[/]" if each.equal else "[bold red]differs[/]"
        table.add_row(each.table, *(f"{count:,}" for count in counts), mark)
    console.print(table)
    for each in verdicts:
        if each.came_again:
            console.print(
                f"{each.came_again:,} accepted events have an id that had come before, longer ago than"
                " pql_duplicates_within_days: they count as further events."
            )
        for row in each.examples:
            console.print(f"{each.table}: {row}", soft_wrap=True, markup=False)


if __name__ == "__main__":
    sys.exit(main())
