"""Two definitions on the same accounts, and one definition over time (docs/statistics.md §1.6, §1.8).

Not McNemar: with equal precision it rejects far too often, because it asks about accounts that one
definition flags and the other does not, whatever their number.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import special

from pql_tools.statistics.intervals import Estimate, Share, require, z_value


class SwapSets(NamedTuple):
    """Precision where the two definitions differ, and how both judge the accounts that both flag."""

    first_only: Share
    second_only: Share
    both_first: Share
    both_second: Share


class Comparison(NamedTuple):
    """Two precisions on the same accounts. What is undefined is None."""

    first: Share
    second: Share
    difference: Estimate  # first − second
    difference_se: float
    ratio: Estimate | None  # second / first
    log_ratio_se: float | None
    statistic: float | None  # Kosinski's T, chi-square with one degree of freedom
    p_value: float | None
    swaps: SwapSets


class Trend(NamedTuple):
    """Cochran–Armitage Z and its two-sided p value."""

    z: float
    p_value: float


def compare_definitions(
    first_flags, first_hits, second_flags, second_hits, accounts=None, confidence: float = 0.95
) -> Comparison:
    """Paired comparison of the precision of two definitions (§1.6).

    One entry per account, or per kind of account with `accounts` saying how many there are. Flags: mature and
    at risk under that definition; hits: converted within that definition's own window (only read where
    flagged). Differences are in probability, intervals normal, the ratio's on the log scale. `ratio` is None
    where either precision is 0; the test is None where it has no variance, as with identical definitions.
    ValueError for lists of different lengths, or a definition that flags nobody.
    """
    f1, f2, y1, y2 = (np.asarray(v, dtype=bool) for v in (first_flags, second_flags, first_hits, second_hits))
    times = np.ones(len(f1), dtype=np.int64) if accounts is None else np.asarray(accounts)
    require(len({v.shape for v in (f1, f2, y1, y2, times)}) == 1, "The five lists must have the same length.")
    require(bool((times >= 0).all()), "A number of accounts must not be negative.")
    y1, y2, both = y1 & f1, y2 & f2, f1 & f2
    first, second = _share(y1, f1, times), _share(y2, f2, times)
    require(first.n > 0 and second.n > 0, "Each definition must flag at least one mature account.")
    p1, p2 = first.hits / first.n, second.hits / second.n
    covariance = (times * (y1 - p1) * (y2 - p2))[both].sum() / (first.n * second.n)
    variance = p1 * (1 - p1) / first.n + p2 * (1 - p2) / second.n - 2 * covariance
    se = math.sqrt(max(variance, 0.0))
    ratio, log_ratio_se = _ratio(first, second, covariance, confidence)
    statistic = _kosinski((times * both).astype(float), y1, y2, first, second)
    reach = z_value(confidence) * se
    return Comparison(
        first,
        second,
        Estimate(p1 - p2, p1 - p2 - reach, p1 - p2 + reach),
        se,
        ratio,
        log_ratio_se,
        statistic,
        None if statistic is None else chi_square_p(statistic),
        SwapSets(
            _share(y1, f1 & ~f2, times),
            _share(y2, f2 & ~f1, times),
            _share(y1, both, times),
            _share(y2, both, times),
        ),
    )


def _share(hits: np.ndarray, among: np.ndarray, times: np.ndarray) -> Share:
    """Hits among some accounts, each kind as often as it occurs."""
    return Share(int(times[hits & among].sum()), int(times[among].sum()))


def _ratio(
    first: Share, second: Share, covariance: float, confidence: float
) -> tuple[Estimate | None, float | None]:
    """second / first with the standard error of its logarithm:

    se² = (1−P1)/(n1·P1) + (1−P2)/(n2·P2) − 2·cov/(P1·P2).
    """
    if first.hits == 0 or second.hits == 0:
        return None, None
    p1, p2 = first.hits / first.n, second.hits / second.n
    variance = (1 - p1) / first.hits + (1 - p2) / second.hits - 2 * covariance / (p1 * p2)
    se = math.sqrt(max(variance, 0.0))
    factor = math.exp(z_value(confidence) * se)
    return Estimate(p2 / p1, p2 / p1 / factor, p2 / p1 * factor), se


def _kosinski(
    times_both: np.ndarray, y1: np.ndarray, y2: np.ndarray, first: Share, second: Share
) -> float | None:
    """T = (P1−P2)² / [(P(1−P) − 2C)(1/n1 + 1/n2)], P pooled, C = Σ_both (y1−P)(y2−P) / (n1+n2)."""
    n1, n2 = first.n, second.n
    pooled = (first.hits + second.hits) / (n1 + n2)
    shared = (times_both * (y1 - pooled) * (y2 - pooled)).sum() / (n1 + n2)
    variance = (pooled * (1 - pooled) - 2 * shared) * (1 / n1 + 1 / n2)
    if variance <= 1e-15:
        return None
    return float((first.hits / n1 - second.hits / n2) ** 2 / variance)


def chi_square_p(statistic: float) -> float:
    """P(chi-square with one degree of freedom ≥ statistic). ValueError for a negative statistic."""
    require(statistic >= 0, f"A chi-square statistic is not negative, got {statistic}.")
    return float(special.chdtrc(1, statistic))


def drift(hits, n, periods=None) -> Trend | None:
    """Cochran–Armitage trend of precision over qualification months, mature accounts only (§1.8).

    Z = Σ t_i(h_i − n_i·p) / sqrt(p(1−p)[Σ n_i·t_i² − (Σ n_i·t_i)²/N]); t = 0, 1, 2, … unless `periods` are
    given. Negative Z: precision falls. None where there is no trend to see: fewer than two periods with
    accounts, or all outcomes equal. ValueError for impossible counts or lists of different lengths.
    """
    h, n = np.asarray(hits, dtype=float), np.asarray(n, dtype=float)
    t = np.arange(len(h), dtype=float) if periods is None else np.asarray(periods, dtype=float)
    require(h.shape == n.shape == t.shape, "Hits, n and periods must have the same length.")
    require(bool(((h >= 0) & (h <= n)).all()), "Hits must lie between 0 and n in every period.")
    if n.sum() == 0:
        return None
    p = h.sum() / n.sum()
    t = t - (n * t).sum() / n.sum()
    variance = p * (1 - p) * (n * t**2).sum()
    if variance <= 0:
        return None
    z = float((t * (h - n * p)).sum() / math.sqrt(variance))
    return Trend(z, 2 * float(special.ndtr(-abs(z))))


def drift_of_ratio(hits, expected, periods=None) -> Trend | None:
    """Trend of observed over expected: does a rule fall beyond what happened to accounts of its time (§1.8)?

    Z = Σ t(h − e) / sqrt(Σ e·t² − (Σ e·t)²/Σ e), e scaled so that Σ e = Σ h. None with fewer than two periods
    in which anything is expected, or without hits. ValueError for lists of different lengths.
    """
    h, e = np.asarray(hits, dtype=float), np.asarray(expected, dtype=float)
    t = np.arange(len(h), dtype=float) if periods is None else np.asarray(periods, dtype=float)
    require(h.shape == e.shape == t.shape, "Hits, expected and periods must have the same length.")
    require(bool((e >= 0).all()), "What is expected must not be negative.")
    if h.sum() == 0 or (e > 0).sum() < 2:
        return None
    e = e * h.sum() / e.sum()
    variance = (e * t**2).sum() - (e * t).sum() ** 2 / e.sum()
    if variance <= 0:
        return None
    z = float((t * (h - e)).sum() / math.sqrt(variance))
    return Trend(z, 2 * float(special.ndtr(-abs(z))))
