"""Measure what the calendar does to the lift, and how soon a fallen rule is found, where both are known.

In every world the market is flat, rises, falls or changes at once: all accounts convert more or less often as
time goes on. A first set of worlds has a rule that predicts nothing, which exists from the beginning, or only
since the middle of the year or a fortnight later; its lift is 1. A second set has a rule that multiplies the
rate of converting for good, or until it loses some of its effect; it is asked about every week of a year
(docs/statistics.md §1.3, §6).

    python scripts/measure_over_time.py                     # about ten minutes
    python scripts/measure_over_time.py --runs 200 --json   # a first look, for a machine
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from pql_tools import statistics as st
from pql_tools.arguments import whole_number_within
from pql_tools.console import make_console
from rich.table import Table

YEAR, HORIZON, WEEK, MONTH = 360.0, 30.0, 7.0, 30.0
TOLERANCE, CONFIDENCE = 0.015, 0.95
STARTS = (0.0, 180.0, 195.0)  # the day since which the useless rule exists
BEFORE, FELL_AT = 180.0, 360.0  # days before the year that is watched; when the rule falls
MARKETS = {  # how often accounts convert, by the share of the time that has passed
    "flat": lambda share: np.ones_like(share),
    "rising": lambda share: 1 + 2 * share,
    "falling": lambda share: 3 - 2 * share,
    "at once": lambda share: np.where(share < 0.5, 0.7, 1.4),
    "down at once": lambda share: np.where(share < 0.5, 1.4, 0.7),
}


class Clock(NamedTuple):
    """Time as the market counts it: converting at a constant rate in it is converting at the market's."""

    days: np.ndarray
    passed: np.ndarray

    def after(self, start: np.ndarray, amount: np.ndarray) -> np.ndarray:
        """When so much of the market's time has passed since the start."""
        return np.interp(np.interp(start, self.days, self.passed) + amount, self.passed, self.days)


def clock(market: str, days: float) -> Clock:
    """The clock of a market over some days, and long after."""
    grid = np.linspace(0, 10 * days, 40_001)
    pace = MARKETS[market](np.clip(grid / days, 0, 1))
    return Clock(grid, np.concatenate([[0], np.cumsum(pace[:-1] * np.diff(grid))]))


def useless(market: str, since: float, accounts: int, rng: np.random.Generator) -> tuple[st.Accounts, float]:
    """A rule without effect that exists since some day; and the as-of."""
    as_of = YEAR + 2 * HORIZON
    signup = np.sort(rng.uniform(0, YEAR, accounts))
    converted = clock(market, as_of).after(signup, rng.exponential(1 / 0.006, accounts))
    closed = signup + rng.exponential(1 / 0.004, accounts)
    qualified = np.maximum(signup, since) + rng.exponential(1 / 0.02, accounts)
    return _seen(signup, qualified, converted, closed, as_of), as_of


def effective(
    market: str, left: float, a_week: int, rng: np.random.Generator, days: float = BEFORE + YEAR
) -> tuple[st.Accounts, float]:
    """A rule that multiplies the rate by seven, and from FELL_AT on has so much of its effect left."""
    accounts = rng.poisson(a_week * days / WEEK)
    ticking, signup = clock(market, days), np.sort(rng.uniform(0, days, accounts))
    qualified = signup + rng.exponential(100, accounts) * np.where(rng.random(accounts) < 0.5, 1, 50)
    closed = signup + rng.exponential(1 / 0.004, accounts)
    converted = ticking.after(signup, rng.exponential(1 / 0.003, accounts))
    reached = (qualified < converted) & (qualified < closed)
    rate = 0.003 + 0.018 * np.where(qualified < FELL_AT, 1, left)
    later = ticking.after(qualified, rng.exponential(size=accounts) / rate)
    return _seen(signup, qualified, np.where(reached, later, converted), closed, days), days


def _seen(signup, qualified, converted, closed, as_of: float) -> st.Accounts:
    """What has happened by the as-of; who has closed converts no more, nor qualifies who has converted."""
    closes = closed < converted
    converted, closed = np.where(closes, np.inf, converted), np.where(closes, closed, np.inf)
    qualified = np.where((qualified < converted) & (qualified < closed), qualified, np.inf)
    times = (np.where(time <= as_of, time, np.inf) for time in (qualified, converted, closed))
    return st.account_times(signup, *times)


def one_lift(seed: int, market: str, since: float, accounts: int) -> dict[str, tuple[float, bool]]:
    """The logarithm of a useless rule's lift, by what is compared, and whether its interval holds 1."""
    world, as_of = useless(market, since, accounts, np.random.default_rng([seed, accounts]))
    strata = {"by age": None, "same quarter": 3 * MONTH, "same month": MONTH, "same week": WEEK}
    found = {}
    for name, length in strata.items():
        labels = None if length is None else world.signup // length
        low, high = st.linear_ratio_interval(world, as_of, HORIZON, strata=labels)
        ratio = st.matched_rate(world, as_of, HORIZON, strata=labels).ratio
        found[name] = (math.log(ratio), low <= 1 <= high)
    return found


def one_year(seed: int, market: str, left: float, a_week: int) -> float | None:
    """Weeks from the fall of the rule until it is first said, negative where before it. None: never."""
    world, as_of = effective(market, left, a_week, np.random.default_rng([seed, a_week]))
    groups = st.matched_groups(world, as_of, HORIZON, 4 * WEEK)
    evidence = st.log_fall_evidence(groups, WEEK)
    said = np.flatnonzero(evidence[0] >= -math.log(1 - CONFIDENCE)) if evidence else np.array([])
    if not len(said):
        return None
    known = groups.qualified[0] + (said[0] + 1) * WEEK + HORIZON
    return (known - FELL_AT) / WEEK


def lifts(runs: int, accounts: int, pool, markets=("flat", "rising", "falling", "at once"), starts=STARTS):
    """One row per market, start of the rule and comparison: mean lift, coverage of its interval."""
    rows = []
    for market in markets:
        for since in starts:
            run = partial(one_lift, market=market, since=since, accounts=accounts)
            found = list(pool(run, range(runs)))
            for name in found[0]:
                logs, held = zip(*(one[name] for one in found), strict=True)
                rows.append(
                    {
                        "market": market,
                        "since": since,
                        "accounts": accounts,
                        "compared": name,
                        "lift": math.exp(np.mean(logs)),
                        "coverage": float(np.mean(held)),
                    }
                )
    return rows


def falls(
    runs: int,
    a_week: int,
    pool,
    lefts=(1.0, 0.5, 0.25),
    markets=("flat", "rising", "falling", "down at once"),
):
    """One row per market and fall: in which share of years it is said, and the median weeks until then."""
    rows = []
    for market in markets:
        for left in lefts:
            found = list(pool(partial(one_year, market=market, left=left, a_week=a_week), range(runs)))
            weeks = [math.inf if week is None else week for week in found]
            median = float(np.median(weeks))
            rows.append(
                {
                    "market": market,
                    "effect_left": left,
                    "signups_a_week": a_week,
                    "said": float(np.mean(np.isfinite(weeks))),
                    "said_before": float(np.mean(np.array(weeks) < 0)),
                    "median_weeks": median if math.isfinite(median) else None,
                }
            )
    return rows


def main(argv: list[str] | None = None) -> int:
    """Simulate, print, exit 1 if a coverage or the share of false alarms is off by more than it may be."""
    options = _parser().parse_args(argv)
    with ProcessPoolExecutor(options.workers) as processes:
        pool = partial(processes.map, chunksize=5)
        by_lift = [row for size in options.accounts for row in lifts(options.runs, size, pool)]
        by_fall = [row for size in options.a_week for row in falls(options.runs // 4, size, pool)]
    error = 2.6 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / options.runs)
    within = all(
        abs(row["coverage"] - CONFIDENCE) <= TOLERANCE + error
        for row in by_lift
        if row["compared"] == "same month"
    ) and all(row["said"] <= 1 - CONFIDENCE for row in by_fall if row["effect_left"] == 1)
    if options.json:
        print(
            json.dumps({"runs": options.runs, "within": within, "lifts": by_lift, "falls": by_fall}, indent=2)
        )
    else:
        _print("The lift of a rule that predicts nothing", by_lift)
        _print("Rules said to have fallen", by_fall)
    return 0 if within else 1


def _print(title: str, rows: list[dict]) -> None:
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(
            name.replace("_", " "), justify="left" if isinstance(rows[0][name], str) else "right"
        )
    for row in rows:
        table.add_row(
            *("–" if v is None else f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values())
        )
    make_console().print(table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        epilog=f"Exit code 1 if the lift beside the same month is not covered in {CONFIDENCE} ± {TOLERANCE} "
        "of the runs (and 2.6 of their standard errors), or too many good rules are said to fall.",
    )
    number = whole_number_within(1, 10**9)
    parser.add_argument("--runs", type=number, default=2000, help="worlds per row (default: %(default)s)")
    parser.add_argument("--accounts", type=number, nargs="+", default=[400, 1500], help="sizes of a world")
    parser.add_argument("--a-week", type=number, nargs="+", default=[100, 400], help="sign-ups a week")
    parser.add_argument(
        "--workers", type=number, default=os.cpu_count(), help="processes (default: all cores)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser


if __name__ == "__main__":
    sys.exit(main())
