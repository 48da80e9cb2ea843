#!/usr/bin/env python
"""Show what a change to vars.yml would do, before anybody makes it.

Builds the proposed criteria and definitions with dbt, beside the current ones, in a schema of their own that
is dropped afterwards. Raw files are not read again: staging and usage facts are those of the last build. The
tables that people use are read and never written.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pql_tools.console import error, progress_bar
from pql_tools.preview.difference import Preview, difference, read_side
from pql_tools.preview.output import as_json, show
from pql_tools.preview.proposal import definition_of, merged, proposed_tables, read_proposed
from pql_tools.problems import Problem
from pql_tools.warehouse import open_warehouse, warehouse_parser

EXAMPLES = """examples:
  edit a copy of vars.yml, and see who would come and go
    cp vars.yml proposed.yml
    python scripts/preview_change.py proposed.yml

  another definition than the primary one, over the last quarter, as JSON
    python scripts/preview_change.py proposed.yml --definition expansion --weeks 13 --format json

The file has the form of vars.yml; what it leaves out stays as it is. Run `dbt build` first, so that the
current tables are those of the current vars.yml.

exit codes: 0 done; 2 the question cannot be answered, with a sentence saying why
"""


TABLES = ("fct_pql_episodes", "fct_criterion_outcomes", "pql_rules")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument("proposed", type=Path, metavar="FILE", help="the proposed vars.yml")
    parser.add_argument(
        "--definition", metavar="NAME", help="definition to compare; default: the primary one of each side"
    )
    parser.add_argument("--weeks", type=int, default=8, metavar="N", help="weeks to look back (8)")
    parser.add_argument(
        "--list", type=int, default=10, metavar="N", dest="listed", help="accounts to list by name (10)"
    )
    parser.add_argument(
        "--format", choices=["table", "json"], default="table", help="for people (table) or programs (json)"
    )
    return parser  # fmt: skip


def preview(options: argparse.Namespace, on_step=lambda text: None) -> tuple[Preview, dict[str, str]]:
    """Build, compare, clean up; the difference, and the names of the accounts in it."""
    proposed = read_proposed(options.proposed)
    if options.weeks < 1:
        raise Problem(f"--weeks must be at least 1, got {options.weeks}.")
    with open_warehouse(options) as warehouse:
        current = warehouse.all_variables
        current = {name: value for name, value in current.items() if name.startswith("pql_")}
        full = merged(current, proposed)
        sides = [definition_of(variables, options.definition) for variables in (current, full)]
        here = {model: warehouse.relation(model) for model in TABLES}
        as_of = warehouse.columns("select as_of from {{ ref('int_as_of') }}")["as_of"][0]
        before = read_side(warehouse, sides[0], here)
    on_step("building the proposed definitions")
    with proposed_tables(warehouse, full) as there:
        with open_warehouse(options) as again:
            after = read_side(again, sides[1], there)
            named = again.rows("select account_id, account_name from {{ ref('dim_accounts') }}")
        on_step("cleaning up")
    found = difference(before, after, as_of, options.weeks)
    return found, {row["account_id"]: row["account_name"] or "" for row in named}


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the question cannot be answered."""
    options = parser().parse_args(argv)
    try:
        with progress_bar() as progress:
            task = progress.add_task("reading the current definitions", total=None)
            found, names = preview(options, lambda text: progress.update(task, description=text))
    except Problem as problem:
        error(str(problem))
        return 2
    if options.format == "json":
        print(json.dumps(as_json(found), indent=2))
    else:
        show(found, names, options.listed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
