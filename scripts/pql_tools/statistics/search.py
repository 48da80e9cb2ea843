"""Choosing among many criteria without fooling oneself (evaluation.md §1.7, §4)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pql_tools.statistics.intervals import require


def _p_values(p_values) -> np.ndarray:
    p = np.asarray(p_values, dtype=float)
    require(p.ndim == 1 and bool(((p >= 0) & (p <= 1)).all()), "p values must be a list within [0, 1].")
    return p


def benjamini_hochberg(p_values) -> np.ndarray:
    """q values: the false discovery rate at which each p value would be reported (§1.7).

    q_(i) = min over j ≥ i of p_(j)·m/j. It does not shrink the winner's estimate. ValueError outside [0, 1].
    """
    p = _p_values(p_values)
    order = np.argsort(p)[::-1]
    rank = np.arange(len(p), 0, -1)
    q = np.empty_like(p)
    q[order] = np.minimum.accumulate(np.minimum(p[order] * len(p) / rank, 1))
    return q


def holm(p_values) -> np.ndarray:
    """p values adjusted so that the chance of any false report is held, for a shortlist (§1.7).

    p_(i) becomes the max over j ≤ i of p_(j)·(m − j + 1). ValueError outside [0, 1].
    """
    p = _p_values(p_values)
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(p[order] * np.arange(len(p), 0, -1), 1))
    return adjusted


def permute_within(groups, rng: np.random.Generator) -> np.ndarray:
    """A random order of accounts that only swaps accounts of one group (§1.10c: one sign-up week)."""
    groups = np.asarray(groups)
    permutation = np.empty(len(groups), dtype=np.intp)
    permutation[np.argsort(groups, kind="stable")] = np.lexsort((rng.random(len(groups)), groups))
    return permutation


def max_statistic_null(
    scores: Callable[[np.ndarray], np.ndarray], groups, permutations: int = 500, seed: int = 0
) -> np.ndarray:
    """The best score a whole search finds in data without any signal, once per permutation (§4).

    `scores` maps a permutation of accounts (apply it to their outcomes) to one score per criterion;
    `groups` has one label per account, outcomes only swap within a label. ValueError below 1 permutation.
    """
    require(permutations >= 1, f"At least 1 permutation is needed, got {permutations}.")
    rng = np.random.default_rng(seed)
    return np.array([np.max(scores(permute_within(groups, rng))) for _ in range(permutations)])


def permutation_p(observed, null: np.ndarray) -> np.ndarray:
    """How often the null's best reaches each observed score: (1 + count) / (1 + permutations)."""
    at_least = len(null) - np.searchsorted(np.sort(null), observed, side="left")
    return (1 + at_least) / (1 + len(null))


def shrunk_precision(hits, n, base: float, strength: float = 50):
    """(k + m·base) / (n + m): precision pulled towards the base rate by m pseudo-accounts (§4)."""
    require(0 <= base <= 1, f"The base rate must lie in [0, 1], got {base}.")
    require(strength > 0, f"The strength must be positive, got {strength}.")
    return (np.asarray(hits) + strength * base) / (np.asarray(n) + strength)


def weighted_relative_accuracy(hits, n, total: int, base: float):
    """WRAcc = (n/N)(p − base): conversions above expectation, per account of the frame (§4).

    Written (hits − n·base)/N, so that a criterion which nobody meets scores 0.
    """
    require(total > 0, f"The number of accounts must be positive, got {total}.")
    return (np.asarray(hits) - np.asarray(n) * base) / total


def pareto_front(precision, recall) -> np.ndarray:
    """Indices of the criteria that no other beats on both, by falling recall (§4).

    By recall (then precision) descending, those whose precision exceeds every one before.
    """
    precision, recall = np.asarray(precision, dtype=float), np.asarray(recall, dtype=float)
    require(precision.shape == recall.shape, "Precision and recall must have the same length.")
    order = np.lexsort((-precision, -recall))
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(precision[order])[:-1]])
    return order[precision[order] > best_before]
