"""Choosing among many criteria without fooling oneself (docs/statistics.md §1.7, §4)."""

from __future__ import annotations

import numpy as np

from pql_tools.statistics.intervals import require


def _p_values(p_values) -> np.ndarray:
    p = np.asarray(p_values, dtype=float)
    require(p.ndim == 1 and bool(((p >= 0) & (p <= 1)).all()), "p values must be a list within [0, 1].")
    return p


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
    """A random order of accounts that only swaps accounts of one group (§1.10: one sign-up week)."""
    groups = np.asarray(groups)
    permutation = np.empty(len(groups), dtype=np.intp)
    permutation[np.argsort(groups, kind="stable")] = np.lexsort((rng.random(len(groups)), groups))
    return permutation


def permutation_p(observed, null: np.ndarray) -> np.ndarray:
    """How often the null's best reaches each observed score: (1 + count) / (1 + permutations)."""
    at_least = len(null) - np.searchsorted(np.sort(null), observed, side="left")
    return (1 + at_least) / (1 + len(null))


def pareto_front(precision, recall) -> np.ndarray:
    """Indices of the criteria that no other beats on both, by falling recall (§4).

    By recall (then precision) descending, those whose precision exceeds every one before.
    """
    precision, recall = np.asarray(precision, dtype=float), np.asarray(recall, dtype=float)
    require(precision.shape == recall.shape, "Precision and recall must have the same length.")
    order = np.lexsort((-precision, -recall))
    best_before = np.concatenate([[-np.inf], np.maximum.accumulate(precision[order])[:-1]])
    return order[precision[order] > best_before]
