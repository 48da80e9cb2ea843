"""A points score from the criteria that hold: fitted on earlier accounts, judged on later ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from pql_tools.discovery.judging import Data
from pql_tools.discovery.search import Rule
from pql_tools.statistics import (
    CalibrationRow,
    PointScore,
    auc,
    brier_skill,
    calibration_error,
    calibration_null,
    calibration_table,
    fit_logistic,
    fit_points,
    precision_at,
)

FEWEST_PAYING = 5
BEST = 0.1  # of the account-weeks, those with the most points


class Wanted(NamedTuple):
    """What the threshold is chosen for: leads that sales can work in a week, or a precision; or neither."""

    capacity: float | None = None
    min_precision: float | None = None


class Score(NamedTuple):
    """A points score: points per signal, points needed, and how it does on held-out accounts."""

    points: dict[int, int]
    at_least: int
    weekly: float
    n: int
    base: float
    best: float
    auc: float
    auc_unrounded: float
    brier_skill: float
    calibration_error: float
    calibration_null: float
    rates: list[CalibrationRow]


class Weeks(NamedTuple):
    """Accounts at the end of weeks of their lives, open and unpaid: signals met, and whether they paid."""

    flags: np.ndarray
    converts: np.ndarray
    is_test: np.ndarray


def fit_score(
    data: Data, rules: list[Rule], horizon: int, wanted: Wanted, seed: int
) -> tuple[Score | None, str]:
    """Points for the signals that hold, and a threshold; or None, and why there is none."""
    if len(rules) < 2:
        return None, "one criterion alone needs no points."
    weeks = weeks_of(data, rules, horizon)
    flags, converts, test = weeks
    train = ~test
    paid = int(converts[train].sum()), int(converts[test].sum())
    if min(paid) < FEWEST_PAYING:
        return None, (
            f"of the account-weeks followed for {horizon:,} days {paid[0]:,} paid of those to learn from and "
            f"{paid[1]:,} of those to judge on; {FEWEST_PAYING} each are needed."
        )
    model = fit_logistic(flags[train], converts[train])
    if np.count_nonzero(model.weights > 0) < 2:
        return None, "met together, fewer than two of the criteria tell anything about payment."
    fitted = fit_points(flags[train], converts[train], model)
    at_least, why = threshold(weeks, fitted, data, rules, wanted)
    if at_least is None:
        return None, why
    totals = flags[test] @ fitted.points
    chances = expit(fitted.intercept + fitted.slope * totals)
    skill = brier_skill(chances, converts[test])
    if skill <= 0:
        return None, f"on later accounts it is no better than their average (Brier skill {skill:.3f})."
    score = Score(
        {i: int(points) for i, points in enumerate(fitted.points) if points > 0},
        at_least,
        reached_weekly(data, rules, fitted, at_least),
        int(test.sum()),
        float(converts[test].mean()),
        precision_at(totals, converts[test], max(1, int(BEST * test.sum()))),
        auc(totals, converts[test]),
        auc(flags[test] @ model.weights, converts[test]),
        skill,
        calibration_error(chances, converts[test]),
        calibration_null(chances, seed=seed),
        calibration_table(totals, converts[test], fitted),
    )
    return score, ""


def weeks_of(data: Data, rules: list[Rule], horizon: int) -> Weeks:
    """Every end of a week in the lives that are looked at, from which on a whole horizon is known."""
    frame, met = data.frame, [data.met(rule) for rule in rules]
    flags, converts, is_test = [], [], []
    for day in range(7, data.usage.days, 7):
        rows = np.flatnonzero((frame.last >= day) & (frame.seen >= day + horizon - 1))
        flags.append(np.column_stack([its[rows, day - 1] for its in met]).astype(float))
        until = np.minimum(day + horizon - 1, frame.lives.closed[rows])
        converts.append(frame.lives.converted[rows] <= until)
        is_test.append(frame.is_test[rows])
    return Weeks(np.concatenate(flags), np.concatenate(converts), np.concatenate(is_test))


def threshold(
    weeks: Weeks, fitted: PointScore, data: Data, rules: list[Rule], wanted: Wanted
) -> tuple[int | None, str]:
    """The lowest total that does what is wanted on earlier accounts; or None, and why there is none.

    If nothing is asked for, at least twice as many as of all must pay at it, and it must ask for more than
    the least of its signals: else the score flags whom the criteria flag anyhow.
    """
    train = ~weeks.is_test
    totals, converts = weeks.flags[train] @ fitted.points, weeks.converts[train]
    rates = {int(t): float(converts[totals >= t].mean()) for t in np.unique(totals) if t > 0}
    if wanted.capacity is not None:
        for total in rates:
            if reached_weekly(data, rules, fitted, total) <= wanted.capacity:
                return total, ""
        return None, f"more than {wanted.capacity:g} accounts a week reach even its highest total."
    if wanted.min_precision is not None:
        for total, rate in rates.items():
            if rate >= wanted.min_precision:
                return total, ""
        return None, f"at no total of points do {wanted.min_precision:.0%} pay within the horizon."
    least = int(fitted.points[fitted.points > 0].min())
    for total, rate in rates.items():
        if total > least and rate >= 2 * converts.mean():
            return total, ""
    return None, "no total of points says more than that any of the criteria is met."


def reached_weekly(data: Data, rules: list[Rule], fitted: PointScore, total: int) -> float:
    """How many accounts a week first have so many points, among the days that are looked at."""
    points = sum(
        int(p) * data.met(rule).astype(np.int64) for p, rule in zip(fitted.points, rules, strict=True)
    )
    open_then = np.arange(points.shape[1]) < data.frame.last[:, None]
    reached = ((points >= total) & open_then).any(axis=1).sum()
    days = (data.frame.as_of_on - data.frame.lives.signed_up_on.min()).astype(np.int64)
    return float(reached / max(days / 7, 1))
