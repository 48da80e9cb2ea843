"""A points score that SQL can add up: fitting, rounding, calibration (docs/statistics.md §5)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from pql_tools.statistics.intervals import require, require_share


class Logistic(NamedTuple):
    """log-odds of converting = intercept + Σ weight·flag."""

    intercept: float
    weights: np.ndarray


class PointScore(NamedTuple):
    """Points per criterion, and log-odds of converting = intercept + slope · total points."""

    points: np.ndarray
    intercept: float
    slope: float
    log_loss: float


def fit_logistic(
    flags, converted, ridge: float = 1.0, accounts=None, offset=0.0, signed: bool = False
) -> Logistic:
    """Ridge logistic regression with weights ≥ 0, or of either sign where `signed` (§5).

    Minimises Σ accounts·log-loss + ridge/2·Σ weight²; the intercept is free, and `offset` is known of each
    row's log-odds. `flags`: one row per account, or per kind of account with `accounts` of them; one column
    per criterion. ValueError for shapes that do
    not fit, a ridge that is not positive, or outcomes that are all equal.
    """
    from scipy.optimize import minimize  # loaded where it is used: it takes a while

    x, y, times = _design(flags, converted, accounts)
    require(ridge > 0, f"The ridge must be positive, got {ridge}.")
    share = (times * y).sum() / times.sum()
    require(0 < share < 1, "A score needs accounts that converted and accounts that did not.")
    x = np.column_stack([np.ones(len(y)), x])
    penalty = np.full(x.shape[1], float(ridge))
    penalty[0] = 0
    start = np.zeros(x.shape[1])
    start[0] = special.logit(share)

    def loss_and_gradient(beta: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = x @ beta + offset
        loss = (times * (np.logaddexp(0, log_odds) - y * log_odds)).sum() + (penalty * beta**2).sum() / 2
        gradient = x.T @ (times * (special.expit(log_odds) - y)) + penalty * beta
        return loss / times.sum(), gradient / times.sum()

    bounds = [(None, None)] + [(None if signed else 0, None)] * (x.shape[1] - 1)
    limits = {"ftol": 1e-16, "gtol": 1e-10, "maxiter": 1000, "maxfun": 10_000}
    found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds, options=limits)
    return Logistic(float(found.x[0]), found.x[1:])


def _design(flags, converted, accounts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flags, outcomes and multiplicities as floats, checked against each other."""
    x, y = np.asarray(flags, dtype=float), np.asarray(converted, dtype=float)
    times = np.ones(len(y)) if accounts is None else np.asarray(accounts, dtype=float)
    require(x.ndim == 2 and x.shape[1] > 0, "Flags must be a table with at least one criterion.")
    require(len(x) == len(y) == len(times) > 0, "Give one outcome (and one number) per row of flags.")
    return x, y, times


def fit_points(
    flags, converted, model: Logistic, accounts=None, max_points: int = 10, tolerance: float = 0.001
) -> PointScore:
    """Round a fitted model to non-negative integer points (§5).

    For each size 1 … max_points of the largest weight: scale, round, refit slope and intercept. Of those
    whose log-loss (per account) is within `tolerance` of the best, relative, the smallest wins.
    ValueError where the model found nothing: all weights zero.
    """
    x, y, times = _design(flags, converted, accounts)
    require(max_points >= 1, f"max_points must be at least 1, got {max_points}.")
    largest = float(np.max(model.weights))
    require(largest > 0, "No criterion predicts conversion: there are no points to give.")
    scores = []
    for top in range(1, max_points + 1):
        points = np.rint(model.weights / largest * top).astype(int)
        totals = x @ points
        refit = fit_logistic(totals[:, None], y, 1e-6, times)
        log_odds = refit.intercept + refit.weights[0] * totals
        log_loss = float((times * (np.logaddexp(0, log_odds) - y * log_odds)).sum() / times.sum())
        scores.append(PointScore(points, refit.intercept, float(refit.weights[0]), log_loss))
    best = min(score.log_loss for score in scores)
    return next(score for score in scores if score.log_loss <= best * (1 + tolerance))


def auc(scores, converted) -> float:
    """Probability that a converter scores above a non-converter, ties counting one half.

    ValueError where there are not both.
    """
    from scipy.stats import mannwhitneyu

    scores, y = np.asarray(scores, dtype=float), np.asarray(converted, dtype=bool)
    require(len(scores) == len(y), "Give one outcome per score.")
    require(bool(y.any() and not y.all()), "AUC needs accounts that converted and accounts that did not.")
    return float(mannwhitneyu(scores[y], scores[~y], method="asymptotic").statistic / y.sum() / (~y).sum())


def _predictions(probabilities, converted) -> tuple[np.ndarray, np.ndarray]:
    p, y = np.asarray(probabilities, dtype=float), np.asarray(converted, dtype=float)
    require(len(p) == len(y) > 0, "Give one outcome per probability, and at least one.")
    require(bool(((p >= 0) & (p <= 1)).all()), "Probabilities must lie in [0, 1].")
    return p, y


def calibration_error(probabilities, converted, buckets: int = 10) -> float:
    """Expected calibration error: mean |rate − probability| over buckets of equal size, by size (§5).

    Equal probabilities always share a bucket.
    """
    p, y = _predictions(probabilities, converted)
    bucket = _bucket(p, buckets)
    return float(np.abs(np.bincount(bucket, weights=y - p)).sum() / len(p))


def calibration_null(
    probabilities, buckets: int = 10, level: float = 0.95, replicates: int = 500, seed: int = 0
) -> float:
    """The calibration error that a perfectly calibrated score stays below with the given probability (§5).

    Same buckets, outcomes drawn from the probabilities themselves: to be printed beside the real one.
    """
    require_share("level", level)
    p, _ = _predictions(probabilities, np.zeros(len(probabilities)))
    bucket, rng = _bucket(p, buckets), np.random.default_rng(seed)
    gaps = (np.bincount(bucket, weights=(rng.random(len(p)) < p) - p) for _ in range(replicates))
    return float(np.quantile([np.abs(gap).sum() / len(p) for gap in gaps], level))


def _bucket(p: np.ndarray, buckets: int) -> np.ndarray:
    """The bucket of each probability, cut at quantiles."""
    require(buckets >= 1, f"At least one bucket is needed, got {buckets}.")
    edges = np.quantile(p, np.arange(1, buckets) / buckets)
    return np.searchsorted(edges, p, side="right")
