"""Intervals of the matched ratios, with the account as the unit (docs/statistics.md §1.3).

A ratio, lift or relative rate, is the hits observed over the hits expected, where what is expected of each
compared account is the rate of its comparison set. An account can stand on both sides, so a resample gives
each account a multiplicity instead of making copies.
"""

from __future__ import annotations

import math

import numpy as np

from pql_tools.statistics.intervals import Interval, clopper_pearson, require, require_share, z_value
from pql_tools.statistics.outcomes import Accounts, RiskSets, counters, risk_sets

_CELLS = 2_000_000  # multiplicities held in memory at once


def ratio_interval(
    accounts: Accounts,
    as_of: float,
    horizon: float,
    not_yet_qualified: bool = False,
    confidence: float = 0.95,
    replicates: int = 1000,
    seed: int = 0,
    strata=None,
) -> Interval | None:
    """Percentile bootstrap interval of the lift, or of the relative rate among the not yet qualified (§1.3).

    Resamples accounts and recomputes everything: `replicates` × O(n), so for more than some 20,000 accounts
    take `linear_ratio_interval`. Resamples in which nobody is compared
    are left out. Where all compared accounts hit, or none does, see `_where_outcomes_agree`. None where the
    ratio is undefined. ValueError for a bad horizon or confidence, or for fewer than 100 replicates.
    """
    require_share("confidence", confidence)
    require(replicates >= 100, f"At least 100 replicates are needed, got {replicates}.")
    sets = risk_sets(accounts, as_of, horizon, not_yet_qualified, strata)
    count_both = counters(sets)
    at_risk, converted = _counted_once(sets, count_both)
    hits, n, expected = _observed_and_expected(sets, at_risk, converted)
    if expected == 0:
        return None
    if hits in (0, n):
        return _where_outcomes_agree(hits, n, expected, confidence)
    ratios = _resampled_ratios(sets, count_both, replicates, np.random.default_rng(seed))
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(ratios[~np.isnan(ratios)], tails, method="inverted_cdf")
    return Interval(float(low), float(high))


def linear_ratio_interval(
    accounts: Accounts,
    as_of: float,
    horizon: float,
    not_yet_qualified: bool = False,
    confidence: float = 0.95,
    strata=None,
) -> Interval | None:
    """The same interval from the influence of each account on log(ratio): one O(n log n) pass.

    For inputs too large to resample, and covered as well (scripts/measure_interval_coverage.py). The variance
    of log(ratio) is the sum of the squared influences (infinitesimal jackknife). Arguments, None and errors
    as in `ratio_interval`.
    """
    z = z_value(confidence)
    sets = risk_sets(accounts, as_of, horizon, not_yet_qualified, strata)
    at_risk, converted = _counted_once(sets, counters(sets))
    hits, n, expected = _observed_and_expected(sets, at_risk, converted)
    if expected == 0:
        return None
    if hits in (0, n):
        return _where_outcomes_agree(hits, n, expected, confidence)
    reach = z * math.sqrt(np.square(_influences(sets, at_risk, converted)).sum())
    ratio = hits / expected
    return Interval(ratio * math.exp(-reach), ratio * math.exp(reach))


def _counted_once(sets: RiskSets, count_both) -> list[np.ndarray]:
    """At each age how many are at risk, and how many of them convert, each account counting once."""
    once = np.ones(len(sets.ends), dtype=np.int64)
    return [count(once) for count in count_both]


def _observed_and_expected(
    sets: RiskSets, at_risk: np.ndarray, converted: np.ndarray
) -> tuple[int, int, float]:
    """Hits among the compared accounts, how many those are, and the hits expected of them."""
    compared = at_risk > 0
    expected = (converted[compared] / at_risk[compared]).sum()
    return int(sets.hit[compared].sum()), int(compared.sum()), float(expected)


def _where_outcomes_agree(hits: int, n: int, expected: float, confidence: float) -> Interval:
    """Where no outcome differs resampling sees no variation: the precision's exact interval over base."""
    low, high = clopper_pearson(hits, n, confidence)
    return Interval(low * n / expected, high * n / expected)


def _resampled_ratios(sets: RiskSets, count_both, replicates: int, rng: np.random.Generator) -> np.ndarray:
    """Observed over expected in each resample of the accounts; NaN where nothing is either."""
    count_at_risk, count_converted = count_both
    n = len(sets.ends)
    rows = max(1, _CELLS // n)
    ratios = []
    for done in range(0, replicates, rows):
        times_drawn = _multiplicities(n, min(rows, replicates - done), rng)
        at_risk, converted = count_at_risk(times_drawn), count_converted(times_drawn)
        compared = times_drawn[:, sets.account] * (at_risk > 0)
        expected = (compared * converted / np.maximum(at_risk, 1)).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios.append((compared @ sets.hit) / expected)
    return np.concatenate(ratios)


def _multiplicities(n: int, rows: int, rng: np.random.Generator) -> np.ndarray:
    """How often each of n accounts is drawn when n are drawn with replacement, once per row."""
    drawn = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)


def _influences(sets: RiskSets, at_risk: np.ndarray, converted: np.ndarray) -> np.ndarray:
    """d log(observed / expected) / d weight, for each account.

    An account acts as one that is compared, by its own hit and rate, and as one that others are compared
    with: at every age a_i in which it is at risk it moves that rate by (converts − rate_i) / |R(a_i)|.
    """
    compared = at_risk > 0
    by_age = np.argsort(sets.ages[compared])
    account, hit, age, size = (
        values[compared][by_age] for values in (sets.account, sets.hit, sets.ages, at_risk)
    )
    rate = converted[compared][by_age] / size
    pulls, pushes = (np.concatenate([[0.0], np.cumsum(v)]) for v in (rate / size, 1 / size))
    end = np.searchsorted(age, sets.ends)
    opens = np.minimum(np.searchsorted(age, sets.opens), end)
    start = np.clip(np.searchsorted(age, sets.starts), opens, end)
    on_expected = pushes[end] - pushes[start] - (pulls[end] - pulls[opens])
    on_expected[account] += rate - sets.leaves_itself_out * (hit - rate) / size
    influence = -on_expected / rate.sum()
    influence[account] += hit / hit.sum()
    return influence
