"""Time from first qualification to conversion, where closing ends the wait (docs/statistics.md §3)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pql_tools.statistics.intervals import Estimate, require, z_value
from pql_tools.statistics.outcomes import Accounts, known_at

CENSORED, CONVERTED, CLOSED = 0, 1, 2


class Curve(NamedTuple):
    """A step function: the value from each time on. One entry per time with an event, in order."""

    times: np.ndarray
    at_risk: np.ndarray
    incidence: np.ndarray
    variance: np.ndarray
    low: np.ndarray
    high: np.ndarray


def waiting_times(accounts: Accounts, as_of: float) -> tuple[np.ndarray, np.ndarray]:
    """Durations from q to conversion, closure or A, and which it was, of every account at risk.

    Immature accounts count for as long as they were seen. A conversion at the instant of closing counts.
    """
    _, q, c, x, _ = known_at(accounts, as_of)
    at_risk = (q <= as_of) & (c > q) & (x > q)
    q, c, x = q[at_risk], c[at_risk], x[at_risk]
    converted = np.isfinite(c) & (c <= x)
    causes = np.select([converted, np.isfinite(x)], [CONVERTED, CLOSED], default=CENSORED)
    return np.minimum(np.minimum(c, x), as_of) - q, causes


def aalen_johansen(durations: np.ndarray, causes: np.ndarray, confidence: float = 0.95) -> Curve:
    """Cumulative incidence of conversion with closure as a competing event (§3).

    At each event time, with n at risk, d1 conversions and d events: F += S·d1/n, S *= 1 − d/n. Variance by
    the delta method; interval on the log(−log) scale, none (low = high = F) where F or its variance is 0 or
    F is 1. With closures given as CENSORED it is 1 − Kaplan–Meier, which overstates.
    ValueError for negative or infinite durations, unknown causes, or lists of different lengths.
    """
    durations, causes = np.asarray(durations, dtype=float), np.asarray(causes)
    require(durations.shape == causes.shape and durations.ndim == 1, "Give one cause per duration.")
    require(
        bool((np.isfinite(durations) & (durations >= 0)).all()), "Durations must be finite, not negative."
    )
    require(bool(np.isin(causes, (CENSORED, CONVERTED, CLOSED)).all()), "Causes are 0, 1 (converted) or 2.")
    times, index = np.unique(durations, return_inverse=True)
    leaving = np.bincount(index, minlength=len(times))
    d1 = np.bincount(index[causes == CONVERTED], minlength=len(times))
    d = np.bincount(index[causes != CENSORED], minlength=len(times))
    n = len(durations) - np.cumsum(leaving) + leaving
    times, d1, d, n = (values[d > 0] for values in (times, d1, d, n))
    survival = np.cumprod(1 - d / n)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum(before * d1 / n)
    variance = _incidence_variance(incidence, before, d1, d, n)
    return Curve(times, n, incidence, variance, *_log_log_interval(incidence, variance, z_value(confidence)))


def _incidence_variance(
    incidence: np.ndarray, before: np.ndarray, d1: np.ndarray, d: np.ndarray, n: np.ndarray
) -> np.ndarray:
    """Delta-method variance of F at each time t, a sum over the event times i ≤ t:

    (F(t) − F_i)² d/(n(n−d)) + S_{i−1}² d1(n−d1)/n³ − 2 (F(t) − F_i) S_{i−1} d1/n².
    Where all at risk leave (d = n), F(t) = F_i ever after, and the first term is nought.
    """
    leaving = np.divide(d, n * (n - d), out=np.zeros(len(n)), where=n > d)
    arriving, shared = before**2 * d1 * (n - d1) / n**3, before * d1 / n**2
    f, total = incidence, np.cumsum
    squares = f**2 * total(leaving) - 2 * f * total(f * leaving) + total(f**2 * leaving)
    products = f * total(shared) - total(f * shared)
    return np.maximum(squares + total(arriving) - 2 * products, 0)


def _log_log_interval(f: np.ndarray, variance: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    """1 − (1−F)^exp(± z·se / ((1−F)·|ln(1−F)|)), or F itself where that has no value."""
    low, high = f.copy(), f.copy()
    inner = (f > 0) & (1 - f > 1e-12) & (variance > 0)  # rounding can leave 1 − 1e-16 of a full curve
    rest = 1 - f[inner]
    reach = z * np.sqrt(variance[inner]) / (rest * -np.log(rest))
    low[inner], high[inner] = 1 - rest ** np.exp(-reach), 1 - rest ** np.exp(reach)
    return low, high


def incidence_at(curve: Curve, time: float) -> Estimate:
    """The share that converted within a time of qualifying, with its interval; 0 before the first event."""
    step = int(np.searchsorted(curve.times, time, side="right")) - 1
    if step < 0:
        return Estimate(0.0, 0.0, 0.0)
    return Estimate(*(float(values[step]) for values in (curve.incidence, curve.low, curve.high)))
