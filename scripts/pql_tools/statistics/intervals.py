"""One proportion: intervals, verdicts and sample size (docs/statistics.md §1.5, §1.9, §6).

Counts in, probabilities out. `hits` of `n` accounts converted; nothing here knows about time, except
that the sequential test wants its outcomes in the order in which they matured.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

PASS, FAIL, INCONCLUSIVE, INSUFFICIENT = "PASS", "FAIL", "INCONCLUSIVE", "INSUFFICIENT"


class Interval(NamedTuple):
    """Two ends of an interval, in the unit of what it is about."""

    low: float
    high: float


class Estimate(NamedTuple):
    """A value with its interval, all in one unit."""

    value: float
    low: float
    high: float


class Share(NamedTuple):
    """A fraction that keeps its denominator."""

    hits: int
    n: int

    @property
    def rate(self) -> float | None:
        """hits / n, or None where there is nobody to divide by."""
        return self.hits / self.n if self.n else None


class Verdict(NamedTuple):
    """What the evidence says about a required precision: the name, both one-sided bounds, the reason."""

    name: str
    lower: float
    upper: float
    reason: str


class DecisionLimits(NamedTuple):
    """Hits from which n accounts pass and up to which they fail; None where no number of hits does."""

    pass_from: int | None
    fail_up_to: int | None


def require(condition: bool, sentence: str) -> None:
    """Raise ValueError with the sentence unless the condition holds."""
    if not condition:
        raise ValueError(sentence)


def require_share(name: str, value: float) -> None:
    """Raise ValueError unless the value lies strictly between 0 and 1."""
    require(0 < value < 1, f"{name} must lie strictly between 0 and 1, got {value}.")


def require_counts(hits: int, n: int) -> None:
    """Raise ValueError unless 0 ≤ hits ≤ n."""
    require(0 <= hits <= n, f"hits must lie between 0 and n, got {hits} of {n}.")


def z_value(confidence: float) -> float:
    """Normal quantile of a two-sided interval: 1.96 for 0.95. ValueError outside (0, 1)."""
    require_share("confidence", confidence)
    return float(special.ndtri((1 + confidence) / 2))


def wilson(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """Two-sided Wilson score interval of a proportion, for display (§1.5). (0, 1) where n is 0."""
    require_counts(hits, n)
    z = z_value(confidence)
    if n == 0:
        return Interval(0.0, 1.0)
    p, shrink = hits / n, 1 + z * z / n
    centre = (p + z * z / (2 * n)) / shrink
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / shrink
    return Interval(0.0 if hits == 0 else centre - reach, 1.0 if hits == n else centre + reach)


def binomial_at_least(k: int, n: int, p: float) -> float:
    """P(Bin(n, p) ≥ k), exact (§1.5)."""
    if k <= 0:
        return 1.0
    return float(special.bdtrc(k - 1, n, p)) if k <= n else 0.0


def lower_bound(hits: int, n: int, confidence: float = 0.95) -> float:
    """One-sided Clopper–Pearson lower bound: the L with P(Bin(n, L) ≥ hits) = 1 − confidence (§1.5).

    0 where there are no hits. ValueError for impossible counts or a confidence outside (0, 1).
    """
    require_counts(hits, n)
    require_share("confidence", confidence)
    return float(special.betaincinv(hits, n - hits + 1, 1 - confidence)) if hits else 0.0


def upper_bound(hits: int, n: int, confidence: float = 0.95) -> float:
    """One-sided Clopper–Pearson upper bound: the U with P(Bin(n, U) ≤ hits) = 1 − confidence (§1.5)."""
    require_counts(hits, n)
    require_share("confidence", confidence)
    return float(special.betaincinv(hits + 1, n - hits, confidence)) if hits < n else 1.0


def clopper_pearson(hits: int, n: int, confidence: float = 0.95) -> Interval:
    """Two-sided Clopper–Pearson interval: both one-sided bounds at half the error (§1.5)."""
    require_share("confidence", confidence)
    one_sided = (1 + confidence) / 2
    return Interval(lower_bound(hits, n, one_sided), upper_bound(hits, n, one_sided))


def decision_limits(n: int, min_precision: float, confidence: float = 0.95) -> DecisionLimits:
    """Hits out of n from which the verdict is PASS, and up to which it is FAIL (§6).

    For 0.25 and n = 100: pass from 33 hits, fail up to 17. ValueError for bad n, share or confidence.
    """
    require(n >= 0, f"n must not be negative, got {n}.")
    require_share("min_precision", min_precision)
    require_share("confidence", confidence)
    passing = bisect_left(
        range(n + 1), True, key=lambda k: binomial_at_least(k, n, min_precision) <= 1 - confidence
    )
    failing = bisect_left(
        range(n + 1), True, key=lambda k: binomial_at_least(k + 1, n, min_precision) <= confidence
    )
    return DecisionLimits(passing if passing <= n else None, failing - 1 if failing else None)


def verdict(hits: int, n: int, min_precision: float, confidence: float = 0.95, min_n: int = 20) -> Verdict:
    """Does the precision reach min_precision? Decided on one-sided exact bounds, never the estimate (§6).

    INSUFFICIENT if n < min_n; PASS if the lower bound reaches min_precision; FAIL if the upper bound
    stays below it; else INCONCLUSIVE. `confidence` is that of each bound by itself.
    ValueError for impossible counts, shares outside (0, 1) or min_n below 1.
    """
    require_share("min_precision", min_precision)
    require(min_n >= 1, f"min_n must be at least 1, got {min_n}.")
    lower, upper = lower_bound(hits, n, confidence), upper_bound(hits, n, confidence)
    sure, wanted = f"with {confidence * 100:.4g}% confidence", f"the required {min_precision:.1%}"
    if n < min_n:
        return Verdict(INSUFFICIENT, lower, upper, f"{_accounts(n)} mature; {min_n} are needed to decide.")
    if lower >= min_precision:
        return Verdict(PASS, lower, upper, f"At least {lower:.1%} convert {sure}, which reaches {wanted}.")
    if upper < min_precision:
        return Verdict(FAIL, lower, upper, f"At most {upper:.1%} convert {sure}, which is below {wanted}.")
    reason = f"Between {lower:.1%} and {upper:.1%} convert, each end {sure}; {wanted} lies between."
    return Verdict(INCONCLUSIVE, lower, upper, f"{reason} {_what_would_decide(n, min_precision, confidence)}")


def _accounts(n: int) -> str:
    return f"{n:,} account is" if n == 1 else f"{n:,} accounts are"


def _what_would_decide(n: int, min_precision: float, confidence: float) -> str:
    """For an undecided n: how many hits would have decided it."""
    limits = decision_limits(n, min_precision, confidence)
    passing = "no number of hits passes" if limits.pass_from is None else f"{limits.pass_from:,} hits pass"
    failing = "none fails" if limits.fail_up_to is None else f"{limits.fail_up_to:,} fail"
    return f"Of {n:,} accounts, {passing} and {failing}."


def log_e_process(outcomes: Sequence[bool] | np.ndarray, p0: float) -> np.ndarray:
    """log E after each outcome: evidence that the precision exceeds p0, valid at every look (§6).

    E = B(k+1, n−k+1) · P(Bin(n+1, p0) ≤ k) / [(1−p0) · p0^k · (1−p0)^(n−k)]: the likelihood averaged over
    all precisions above p0, against p0. Under precision ≤ p0 it ever reaches 1/alpha with probability
    ≤ alpha. `outcomes`: True for a hit, in the order in which the accounts matured; k hits among the
    first n. Where k/n is far below p0 the value only says that E ≤ 1. ValueError for p0 outside (0, 1) or a
    table instead of a list.
    """
    require_share("p0", p0)
    hit = np.asarray(outcomes, dtype=bool)
    require(hit.ndim == 1, "outcomes must be a list of hits and misses in the order of maturity.")
    n = np.arange(1, len(hit) + 1)
    k = np.cumsum(hit)
    log_choose = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    log_pmf = log_choose + k * math.log(p0) + (n - k) * math.log1p(-p0)
    # P(Bin(n+1, p0) ≤ k) changes with the n-th outcome by (1 − p0)·pmf(n, k) if it hits, −p0·pmf if not.
    tail = (1 - p0) + np.cumsum((hit - p0) * np.exp(log_pmf))
    log_e = np.log(np.maximum(tail, 1e-300)) - math.log1p(-p0) - np.log(n + 1) - log_pmf
    # Far below p0 the tail is lost to rounding. There E is at most 1: no precision above p0 fits better.
    return np.where(k > n * p0, log_e, np.minimum(log_e, 0.0))


def sequential_verdict(
    outcomes: Sequence[bool] | np.ndarray, min_precision: float, confidence: float = 0.95, min_n: int = 20
) -> Verdict:
    """The verdict that may be asked for every week: e-values instead of bounds (§6, --sequential).

    PASS once E against "at most min_precision" has reached 1/(1 − confidence) at some n ≥ min_n; FAIL once
    its mirror image, for the misses, has. Both at different times means that the precision drifted, which
    is INCONCLUSIVE. Outcomes in the order of maturity. The bounds are those of a single look, for display.
    """
    hit = np.asarray(outcomes, dtype=bool)
    fixed = verdict(int(hit.sum()), len(hit), min_precision, confidence, min_n)
    if fixed.name == INSUFFICIENT:
        return fixed
    needed = 1 / (1 - confidence)
    above = _first_crossing(log_e_process(hit, min_precision), needed, min_n)
    below = _first_crossing(log_e_process(~hit, 1 - min_precision), needed, min_n)
    evidence = f"at any number of looks (E ≥ {needed:.4g})"
    if above and below:
        reason = f"Above {min_precision:.1%} after {above:,} accounts, below after {below:,}: it drifted."
        return fixed._replace(name=INCONCLUSIVE, reason=reason)
    if above:
        reason = f"After {above:,} accounts more than {min_precision:.1%} convert, {evidence}."
        return fixed._replace(name=PASS, reason=reason)
    if below:
        reason = f"After {below:,} accounts less than {min_precision:.1%} convert, {evidence}."
        return fixed._replace(name=FAIL, reason=reason)
    reason = f"{len(hit):,} accounts do not yet tell whether {min_precision:.1%} convert, {evidence}."
    return fixed._replace(name=INCONCLUSIVE, reason=reason)


def _first_crossing(log_e: np.ndarray, needed: float, min_n: int) -> int | None:
    """The first n ≥ min_n at which E reaches what is needed."""
    crossed = np.flatnonzero(log_e[min_n - 1 :] >= math.log(needed))
    return int(crossed[0]) + min_n if crossed.size else None


def difference(first: Share, second: Share, confidence: float = 0.95) -> Estimate:
    """first − second of two independent shares, with Newcombe's interval from the two Wilson ones (§1.9).

    ValueError where either has nobody.
    """
    require(first.n > 0 and second.n > 0, "Each of the two shares needs at least one account.")
    value = first.hits / first.n - second.hits / second.n
    (p, low, high), (q, low_q, high_q) = (
        (share.hits / share.n, *wilson(*share, confidence)) for share in (first, second)
    )
    return Estimate(value, value - math.hypot(p - low, high_q - q), value + math.hypot(high - p, q - low_q))


def holdout_size(contacted_rate: float, holdout_rate: float, share: float = 0.5) -> int:
    """Accounts to hold out, `share` of all, to tell two rates apart: two-sided 0.05, power 0.80 (§1.9).

    n = 7.84·[p0(1−p0) + p1(1−p1)·s/(1−s)]/(p1−p0)², 7.84 being (1.96 + 0.84)² as the method states it; 20%
    against 15% with equal arms needs 902. ValueError where the rates are equal or not within (0, 1).
    """
    require_share("contacted_rate", contacted_rate)
    require_share("holdout_rate", holdout_rate)
    require_share("share", share)
    require(contacted_rate != holdout_rate, "The two rates are equal: no sample tells them apart.")
    of_told = contacted_rate * (1 - contacted_rate) * share / (1 - share)
    variance = holdout_rate * (1 - holdout_rate) + of_told
    return math.ceil(7.84 * variance / (contacted_rate - holdout_rate) ** 2 - 1e-9)
