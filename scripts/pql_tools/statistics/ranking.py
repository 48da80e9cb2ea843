"""How good an order of accounts is: the best of each week, the account as the unit (docs/statistics.md §5).

A row is an account at a moment. An account has as many rows as moments, and those tell little more than one
does: every interval here comes from what each account, with all of its rows, adds to the figure. So rows are
added up by account first; the sums are all that is kept of them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from pql_tools.statistics.intervals import Estimate, clopper_pearson, require, wilson, z_value


class Cut(NamedTuple):
    """The best of each moment: rows taken, those of them that paid, accounts, and the rates.

    Capture: of all rows that paid, the share taken. Lift: precision over the rate of all rows.
    """

    taken: float
    hits: float
    accounts: int
    precision: Estimate
    capture: Estimate | None
    lift: Estimate | None


def best_of(scores, slots: float) -> np.ndarray:
    """The part of a slot that each gets where `slots` are given to the highest scores.

    Ties at the cut share what is left: the mean over all of their orders. ValueError without a slot.
    """
    scores = np.asarray(scores, dtype=float)
    require(slots > 0, f"At least a part of a slot is needed, got {slots}.")
    if slots >= len(scores):
        return np.ones(len(scores))
    place = len(scores) - math.ceil(slots)
    cut = np.partition(scores, place)[place]
    above, tied = scores > cut, scores == cut
    return above + tied * (slots - above.sum()) / tied.sum()


def best_of_each(scores, moments, slots: float) -> np.ndarray:
    """The same at each moment: `slots` of it, or, below 1, that share of the rows there."""
    scores, moments = np.asarray(scores, dtype=float), np.asarray(moments)
    given = np.zeros(len(scores))
    order = np.argsort(moments, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(moments[order])) + 1) if len(order) else ():
        given[rows] = best_of(scores[rows], slots if slots >= 1 else slots * len(rows))
    return given


def cut_of(taken, hits, rows, paid, confidence: float = 0.95) -> Cut:
    """The figures from four sums per account: rows taken, those of them that paid, all rows, all that paid.

    ValueError where no row is taken, or the lists differ in length.
    """
    taken, hits, rows, paid = (np.asarray(sums, dtype=float) for sums in (taken, hits, rows, paid))
    require(len({len(sums) for sums in (taken, hits, rows, paid)}) == 1, "Give four sums per account.")
    precision = share_of(hits, taken, confidence)
    lift = None
    if precision.value > 0:
        pulls = hits / hits.sum() - taken / taken.sum() - paid / paid.sum() + rows / rows.sum()
        factor = math.exp(z_value(confidence) * math.sqrt(np.square(pulls).sum()))
        value = precision.value * rows.sum() / paid.sum()
        lift = Estimate(value, value / factor, value * factor)
    capture = share_of(hits, paid, confidence) if paid.sum() > 0 else None
    return Cut(float(taken.sum()), float(hits.sum()), int((taken > 0).sum()), precision, capture, lift)


def share_of(hits, rows, confidence: float = 0.95) -> Estimate:
    """Σ hits / Σ rows of accounts, with Wilson's interval for as many rows as theirs are worth.

    Where no row is a hit, or all are, rows are worth as much as accounts, and the interval is exact. They are
    so too where every account has the same share of hits, as one alone has: nothing tells how they differ.
    ValueError without any row.
    """
    hits, rows = np.asarray(hits, dtype=float), np.asarray(rows, dtype=float)
    require(float(rows.sum()) > 0, "At least one row must count.")
    share, counted = float(hits.sum() / rows.sum()), int((rows > 0).sum())
    if share <= 0 or share >= 1:
        return Estimate(share, *clopper_pearson(counted if share >= 1 else 0, counted, confidence))
    variance = float(np.square(hits - share * rows).sum() / rows.sum() ** 2)
    worth = counted if np.allclose(hits, share * rows) else share * (1 - share) / variance
    return Estimate(share, *wilson(share * worth, worth, confidence))
