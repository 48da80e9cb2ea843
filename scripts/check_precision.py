"""Does each criterion earn its place? Of the accounts it flagged, how many paid within the horizon.

An account counts from its first qualification on, if it had not paid by then, and only once the whole horizon
has passed. Usage after the payment never counts. Decided on exact one-sided bounds, never on the estimate.
"""

from __future__ import annotations

import argparse
import sys

from pql_tools.arguments import (
    capacity,
    confidence,
    dimension,
    horizon,
    moment,
    positive,
    share,
    whole_number,
)
from pql_tools.console import make_console, progress_bar
from pql_tools.precision.drift import with_fall
from pql_tools.precision.evaluation import (
    Outcomes,
    Result,
    Settings,
    check_inputs,
    chosen,
    evaluate,
    exit_code,
)
from pql_tools.precision.history import falls, keep, new_checks
from pql_tools.precision.holdout import show_holdout
from pql_tools.precision.money import said_of_worth, worth
from pql_tools.precision.output import WRITERS, refuse
from pql_tools.precision.parts import attribution, comparison
from pql_tools.precision.ranking import in_short, show_rankings
from pql_tools.problems import Problem
from pql_tools.warehouse import open_warehouse, warehouse_parser

EXAMPLES = """examples:
  python scripts/check_precision.py                              what has a min_precision decides
  python scripts/check_precision.py daily_habit pql              only these two
  python scripts/check_precision.py --min-precision 0.1          for those that do not say themselves
  python scripts/check_precision.py --as-of 2026-05-01           as it stood then
  python scripts/check_precision.py --horizon-days none          any later payment is a hit
  python scripts/check_precision.py --by segment:plan            one row per plan, for reading
  python scripts/check_precision.py --attribution pql            what each part of a definition adds
  python scripts/check_precision.py --compare pql power_use      two of them on the same accounts
  python scripts/check_precision.py --fail-on-drift              every week: is one worse than it was?
  python scripts/check_precision.py --ranking --capacity 20      how well points order accounts
  python scripts/check_precision.py --holdout --effect 0.05      what telling sales is worth
  python scripts/check_precision.py --format junit > report.xml  for CI

exit codes:
  0  all pass     1  one fails     2  the check could not be made
  3  one is inconclusive or has too few accounts (unless --on-inconclusive warn), or with
     --fail-on-drift one has become worse beside accounts of the same age and time
"""


def make_parser() -> argparse.ArgumentParser:
    """The options of the check."""
    parser = warehouse_parser(__doc__, EXAMPLES)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="criteria and definitions to check; default: all")
    add("--as-of", type=moment, metavar="TIME", help="judge as of an earlier moment (UTC)")
    add("--horizon-days", type=horizon, metavar="N", help="days an account may take to pay, or none")
    add(
        "--min-precision",
        type=share,
        metavar="P",
        help="required of those without a min_precision of their own",
    )
    add("--min-lift", type=positive, metavar="L", help="required of those without a min_lift of their own")
    add("--confidence", type=confidence, default=0.95, metavar="C", help="of each bound by itself (0.95)")
    add(
        "--min-n",
        type=whole_number,
        default=20,
        metavar="N",
        help="fewer mature accounts decide nothing (20)",
    )
    add(
        "--on-inconclusive",
        choices=["fail", "warn"],
        default="fail",
        help="what undecided does to the exit code",
    )
    add("--sequential", action="store_true", help="a verdict that stays valid when asked for every week")
    add(
        "--fail-on-drift",
        action="store_true",
        help="exit 3 if one has become worse beside accounts of its time; may be asked every week",
    )
    add(
        "--by",
        type=dimension,
        metavar="cohort|segment:NAME",
        help="also by sign-up month, or by an attribute",
    )
    add("--attribution", metavar="DEFINITION", help="what each part of a definition adds")
    add("--compare", nargs=2, metavar=("A", "B"), help="two criteria or definitions on the same accounts")
    add("--ranking", action="store_true", help="how well each score orders accounts, week by week")
    add("--capacity", type=capacity, metavar="PQLS", help="with it: also for so many leads a week")
    add("--holdout", action="store_true", help="what telling sales is worth, and what a holdout takes")
    add("--effect", type=share, metavar="P", help="with it: for so many more that pay, such as 0.05")
    add(
        "--ignore-unknown-accounts",
        action="store_true",
        help="leave out conversions of accounts nobody knows",
    )
    add("--format", choices=list(WRITERS), default="table", help="how to print it (table)")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Check, print, and return the exit code."""
    parser = make_parser()
    options = parser.parse_args(argv)
    for alone, goes_with in (("capacity", "ranking"), ("effect", "holdout")):
        if getattr(options, alone) and not getattr(options, goes_with):
            parser.error(f"--{alone} goes with --{goes_with}")
    settings = Settings(
        options.as_of, options.horizon_days if options.horizon_days != "none" else None,
        options.horizon_days == "none", options.min_precision, options.min_lift, options.confidence,
        options.min_n, options.on_inconclusive, options.sequential,
    )  # fmt: skip
    try:
        with open_warehouse(options) as warehouse:
            notes = check_inputs(warehouse, options.ignore_unknown_accounts)
            outcomes = Outcomes(warehouse)
            outcomes.cutoff(settings)
            if options.attribution:
                return attribution(outcomes, options.attribution, settings, options.format)
            if options.compare:
                return comparison(outcomes, *options.compare, settings, options.format)
            if options.ranking:
                return show_rankings(outcomes, settings, options.capacity, options.format)
            if options.holdout:
                return show_holdout(outcomes, settings, options.effect, options.format)
            results = run(outcomes, chosen(outcomes.rules, options.names), settings, options.by)
            if options.fail_on_drift:
                results = [r if r.group else with_fall(r, outcomes, settings) for r in results]
            if settings.is_as_built and not options.names:
                notes += [*in_short(outcomes), *said_of_worth(worth(outcomes))]
            WRITERS[options.format](results, outcomes, settings, notes + falls(warehouse))
            checks = new_checks(outcomes, results, settings)
    except Problem as problem:
        return refuse(str(problem), options.format)
    if unkept := keep(options, checks):
        make_console(stderr=True).print(unkept, markup=False, soft_wrap=True)
    return exit_code(results)


def run(outcomes: Outcomes, rules: list[dict], settings: Settings, by: str | None) -> list[Result]:
    """Every rule on all accounts and, if asked for, on each group."""
    groups = list(outcomes.groups(by)) if by else []
    results = []
    with progress_bar() as progress:
        for rule in progress.track(rules, description="Checking"):
            results.append(evaluate(outcomes, rule, settings))
            results += [evaluate(outcomes, rule, settings, label, members) for label, members in groups]
    return results


if __name__ == "__main__":
    sys.exit(main())
