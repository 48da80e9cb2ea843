"""Searching simple criteria and small combinations of them, by time algebra (evaluation.md §4).

A criterion is a column of ages: when each account first met it, +inf where it never did. All of some criteria
are met at the latest of their ages, any of them at the earliest, k of n at the k-th smallest. So one scorer
serves everything. That is when each part has been met once: with rolling windows one may have lapsed before
the other starts, and the warehouse's `all_of` then starts later. check_precision judges that one.

Score: conversions above those expected at the same ages, in standard errors. Expected is the matched base
rate b(a): of accounts open at age a, the share that converts within the horizon. Permuting outcomes
among accounts leaves b alone, so that the null of the whole search needs no other reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

HOUR = 3_600_000_000  # microseconds
BEAM, POOL, DEPTH = 8, 40, 3
COST_OF_A_PART = 0.5  # standard errors that a further part must add


class Tally(NamedTuple):
    """Per column: accounts at risk that met it, those that then converted, expected hits, the score."""

    n: np.ndarray
    hits: np.ndarray
    expected: np.ndarray
    score: np.ndarray


@dataclass(frozen=True)
class Rule:
    """Some columns and how they combine: `one`, `all_of`, `any_of` or `at_least_of` (two)."""

    how: str
    parts: tuple[int, ...]

    def ages(self, columns: np.ndarray) -> np.ndarray:
        """When each account first met the rule."""
        ages = columns[:, self.parts]
        if self.how == "all_of":
            return ages.max(axis=1)
        if self.how == "at_least_of":
            return np.partition(ages, 1, axis=1)[:, 1]
        return ages.min(axis=1)


@dataclass(frozen=True)
class Outcomes:
    """Ages at conversion and at the end (conversion or closure), and the horizon, in microseconds."""

    converted: np.ndarray
    ended: np.ndarray
    horizon: float

    def base_rates(self, up_to: float) -> np.ndarray:
        """b(a) for every hour of age; a last 0 stands for never."""
        hours = np.arange(0, up_to + HOUR, HOUR, dtype=float)
        real = self.ended > 0
        ends, starts = (
            np.sort(self.ended[real]),
            np.sort(np.minimum(self.converted - self.horizon, self.ended)[real]),
        )
        at_risk = len(ends) - np.searchsorted(ends, hours, side="right")
        converts = np.searchsorted(starts, hours, side="right") - np.searchsorted(ends, hours, side="right")
        return np.append(np.clip(converts, 0, None) / np.maximum(at_risk, 1), 0.0)

    def permuted(self, order: np.ndarray) -> Outcomes:
        """The same fates, dealt to other accounts."""
        return Outcomes(self.converted[order], self.ended[order], self.horizon)

    def tally(self, ages: np.ndarray, base: np.ndarray) -> Tally:
        """Count and score columns of ages."""
        at_risk = ages < self.ended[:, None]
        hour = np.where(np.isfinite(ages), ages, len(base) * HOUR) // HOUR
        rate = base[np.minimum(hour, len(base) - 1).astype(np.intp)] * at_risk
        late = np.isfinite(self.converted)
        within = self.converted[late, None] <= ages[late] + self.horizon
        hits = (at_risk[late] & within).sum(axis=0)
        expected, variance = rate.sum(axis=0), (rate * (1 - rate)).sum(axis=0)
        # half a conversion keeps a handful of accounts without any expectation from topping the list
        return Tally(at_risk.sum(axis=0), hits, expected, (hits - expected) / np.sqrt(variance + 0.5))


class Found(NamedTuple):
    """A rule of the search and its score on the training accounts."""

    rule: Rule
    score: float


def search(columns: np.ndarray, outcomes: Outcomes, base: np.ndarray, min_n: int) -> list[Found]:
    """Simple criteria and combinations of up to three, best first: a beam over the best simple ones."""
    tally = outcomes.tally(columns, base)
    score = np.where(tally.n >= min_n, tally.score, -np.inf)
    order = [int(i) for i in np.argsort(-score, kind="stable") if np.isfinite(score[i])]
    found = {Rule("one", (i,)): float(score[i]) for i in order}
    pool = _apart(columns, order, POOL)
    beam = [Rule("one", (i,)) for i in pool[:BEAM]]
    for _ in range(DEPTH - 1):
        grown = list(dict.fromkeys(_extensions(beam, pool)))
        if not grown:
            break
        ages = np.column_stack([rule.ages(columns) for rule in grown])
        tally = outcomes.tally(ages, base)
        better = []
        for i, rule in enumerate(grown):
            parts = max(found[Rule("one", (part,))] for part in rule.parts)
            needed = parts + COST_OF_A_PART * (len(rule.parts) - 1)
            if tally.n[i] >= min_n and tally.score[i] > needed:
                found[rule] = float(tally.score[i])
                better.append(rule)
        beam = sorted(better, key=lambda rule: -found[rule])[:BEAM]
    return sorted((Found(rule, score) for rule, score in found.items()), key=lambda f: -f.score)


def _apart(columns: np.ndarray, order: list[int], most: int) -> list[int]:
    """The best columns, leaving out those that flag nearly the same accounts as a better one."""
    kept: list[int] = []
    for i in order[: 10 * most]:
        if all(jaccard(columns[:, i], columns[:, j]) < 0.8 for j in kept):
            kept.append(i)
        if len(kept) == most:
            break
    return kept


def jaccard(first: np.ndarray, second: np.ndarray) -> float:
    """Of the accounts that meet either of two columns of ages, the share that meets both."""
    a, b = np.isfinite(first), np.isfinite(second)
    either = int((a | b).sum())
    return int((a & b).sum()) / either if either else 1.0


def _extensions(beam: list[Rule], pool: list[int]) -> list[Rule]:
    """Each rule of the beam with one more part: all, any, and two of three."""
    grown = []
    for rule in beam:
        for part in pool:
            if part not in rule.parts:
                parts = tuple(sorted((*rule.parts, part)))
                hows = ["all_of", "any_of"] if rule.how == "one" else [rule.how]
                hows += ["at_least_of"] if len(parts) == 3 else []
                grown += [Rule(how, parts) for how in hows]
    return grown


def shortlist(found: list[Found], columns: np.ndarray, most: int) -> list[Found]:
    """The best signals that flag different accounts: no unions, as a definition is itself one (`any_of`)."""
    chosen: list[Found] = []
    ages: list[np.ndarray] = []
    for candidate in found[:5000]:
        if candidate.rule.how == "any_of":
            continue
        mine = candidate.rule.ages(columns)
        if all(jaccard(mine, other) < 0.5 for other in ages):
            chosen.append(candidate)
            ages.append(mine)
        if len(chosen) == most:
            break
    return chosen
