#!/usr/bin/env python
"""Find criteria that predict conversion, and say how sure that is.

Sweeps events × windows × thresholds, growth, active days, people, kinds of events, sums and different values
of properties, and plan limits; combines the best. Learns from earlier sign-ups, reports on later ones that it
has not seen; searches the same data with shuffled outcomes as well, to know what luck alone would find.
Writes the criteria that hold as YAML for vars.yml.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from pql_tools.arguments import capacity, share, whole_number_within
from pql_tools.config_files import load_yaml
from pql_tools.console import error, make_console, progress_bar
from pql_tools.discovery.days import Usage
from pql_tools.discovery.frame import frame_of, one_in, read, read_in_force, shuffled
from pql_tools.discovery.judging import caught_in_time
from pql_tools.discovery.output import as_json, heading_of, show, yaml_for
from pql_tools.discovery.run import find
from pql_tools.discovery.written import as_yaml
from pql_tools.problems import Problem
from pql_tools.warehouse import Warehouse, open_warehouse, warehouse_parser

EXAMPLES = """examples:
  what predicts a first payment, on the warehouse that dbt built
    python scripts/discover_criteria.py

  write the criteria that hold, with a points score, ready to paste into vars.yml
    python scripts/discover_criteria.py --write found.yml

  look at the first month only, and at payments within 60 days
    python scripts/discover_criteria.py --observe-days 30 --horizon-days 60

how it judges
  For each conversion: did the account meet the criterion as that day began, and how many accounts open at the
  same age, of the same month of sign-up, did? Conversions while it is met, beyond those that age and time
  explain, are its score. Criteria are listed one after the other, each for what it adds to the recommended
  ones above it.

how to read it
  Rate: how many times as often accounts convert, per day, while it is met as others of their age and month.
  Precision: of the accounts that met it before paying, the share that paid within the horizon after.
  Lift: precision over the share (of) among the others open at the same age that signed up in the same month.
  Recall: of the held-out conversions, those of accounts that had met it at most a horizon before; below the
  tables the same of the definitions in force.
  Points order accounts: at the start of each week, at any age, by what they had done until then, in more
  windows than are searched, and by attributes that no payment changes. They are fitted on earlier sign-ups
  and asked once of later ones; a single line of them proves nothing.
  A criterion is recommended if shuffled outcomes rarely give one as good (search p), and if held-out accounts
  confirm it (Holm p). Predictive is all that this can show: making accounts do X need not make them pay.

what is not swept
  Filters (`where`), milestones, maxima, dates of accounts, combinations of more than three.
  What is met on the day of payment is left out: nobody could have acted on it. By that numbers differ from
  those of check_precision, which judges the moment; run it on what you paste.

exit codes: 0 done, even if nothing is recommended; 2 the question cannot be answered, and a sentence why
"""


NOTHING_FOUND = "The last run of discover_criteria recommends nothing."


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    parser.add_argument(
        "--observe-days",
        type=whole_number_within(2, 365),
        default=60,
        metavar="N",
        help="days of each account looked at (60)",
    )
    parser.add_argument(
        "--horizon-days",
        type=whole_number_within(1, 3650),
        metavar="N",
        help="days to convert for precision and recall; default: pql_horizon_days",
    )
    parser.add_argument(
        "--min-n",
        type=whole_number_within(5, 10**6),
        default=50,
        metavar="N",
        help="fewest accounts to learn from, of those looked at (50; fewer if data are few)",
    )
    parser.add_argument(
        "--alpha", type=share, default=0.05, metavar="P", help="chance of any false recommendation (0.05)"
    )
    parser.add_argument(
        "--permutations",
        type=whole_number_within(19, 10**5),
        default=99,
        metavar="N",
        help="searches of shuffled outcomes (99)",
    )
    parser.add_argument(
        "--accounts",
        type=whole_number_within(1000, 10**9),
        default=100_000,
        metavar="N",
        help="of more, every second, third, ... in the order of their ids is looked at (100000)",
    )
    parser.add_argument(
        "--top", type=whole_number_within(1, 50), default=8, metavar="N", help="length of the shortlist (8)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="of the shuffling (0); same seed, same answer"
    )
    parser.add_argument(
        "--shuffle-outcomes",
        action="store_true",
        help="deal conversions to other accounts first: nothing should be found",
    )
    threshold = parser.add_mutually_exclusive_group()
    threshold.add_argument(
        "--capacity",
        type=capacity,
        metavar="PQLS",
        help="leads sales can work a week: where the points score draws its line",
    )
    threshold.add_argument(
        "--min-precision",
        type=share,
        metavar="P",
        help="or draw it where this share pays within the horizon",
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the recommended criteria and a score as YAML"
    )
    parser.add_argument(
        "--format", choices=["table", "json"], default="table", help="for people (table) or programs (json)"
    )
    return parser  # fmt: skip


def check(warehouse: Warehouse, criteria: list[dict]) -> None:
    """Let the project read the configuration with the new criteria added; Problem if it objects."""
    before = warehouse.rendered("pql_raw_config")
    after = {**before, "pql_criteria": [*(before["pql_criteria"] or []), *criteria]}
    old, new = (warehouse.rendered("pql_config_problems", config=config) for config in (before, after))
    problems = [problem for problem in new if problem not in old]
    if problems:
        raise Problem(f"dbt would not accept the criteria found: {'; '.join(problems)}")


def criteria_in_force(warehouse: Warehouse) -> list[dict]:
    """The criteria and definitions that the configuration has; names of both are taken."""
    variables = warehouse.all_variables
    entries = [*(variables.get("pql_criteria") or []), *(variables.get("pql_definitions") or [])]
    return [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)]


def horizon_of(options: argparse.Namespace, warehouse: Warehouse) -> int:
    """The horizon in days: the option, else the variable; it must be a number."""
    given = options.horizon_days or warehouse.all_variables.get("pql_horizon_days", 30)
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise Problem(
            "Discovery compares accounts over equal times and needs "
            f"a horizon in days, got {given!r}: give --horizon-days."
        )
    return given


def discover(options: argparse.Namespace) -> None:
    """Do what the command line asks."""
    console = make_console()
    with open_warehouse(options) as warehouse, progress_bar() as progress:
        horizon, known = horizon_of(options, warehouse), criteria_in_force(warehouse)
        task = progress.add_task("reading accounts", total=None)
        every = one_in(warehouse, options.accounts)
        lives, as_of_on = read(warehouse, every)
        if options.shuffle_outcomes:
            lives = shuffled(lives, np.random.default_rng(options.seed + 1))
        frame = frame_of(lives, as_of_on, options.observe_days)
        usage = Usage(
            warehouse,
            lives.signed_up_on,
            options.observe_days,
            lambda about: progress.update(task, description=f"reading {about}"),
            every,
        )
        task = progress.add_task("searching, and searching shuffled outcomes", total=options.permutations)
        data, findings = find(usage, frame, options, horizon, lambda: progress.advance(task))
        of_payers = {entry["name"] for entry in known if entry.get("audience") == "converted"}
        in_force = {
            name: caught_in_time(frame, first, horizon)
            for name, first in read_in_force(warehouse, lives, every).items()
            if name not in of_payers
        }
        text = None
        if findings.chosen or findings.score:
            text = yaml_for(findings, data, known, heading_of(frame, horizon, every))
            check(warehouse, load_yaml(text)["vars"]["pql_criteria"])
    if options.write and (text or options.write.exists()):  # what stands there is of an earlier run
        options.write.write_text(text or as_yaml([], {}, NOTHING_FOUND), encoding="utf-8")
    if options.format == "json":
        print(json.dumps(as_json(data, findings, in_force), indent=2))
        return
    show(console, data, findings, in_force, text, options, horizon)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the request cannot be answered."""
    options = parser().parse_args(argv)
    try:
        discover(options)
    except (Problem, OSError) as problem:
        error(str(problem))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
