"""Searching simple criteria and small combinations of them for what raises the rate of converting.

The question, for each conversion: was this account meeting the criterion as that day began, and how many of
the accounts open at the same age, of the same month of sign-up, were? (docs/statistics.md §1.3, by the day
instead of from the first time it is met: criteria lapse.) The score is how much likelier the conversions
while it was met are, if it matters, than if such accounts converted by chance: the root of the likelihood
ratio, in standard errors. A few of them stand for all (a case and its controls): the cost does not grow with
the data.

Permuting which of them converted leaves everything else as it is, and so gives the null of the whole search.
Criteria are chosen one after the other, each for what it tells beyond those before: the accounts of a set
then convert in proportion to the rates that the chosen ones give them (conditional logistic regression).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

import numpy as np

CONTROLS, MOST_CASES = 20, 1000
BEAM, POOL, DEPTH = 8, 40, 3
COST_OF_A_PART = 1.0  # standard errors that a further part must add
SAME = 0.6  # criteria met on this share of the same days stand for one another while combinations grow
ALTERNATIVES = 80


@dataclass(frozen=True)
class Rule:
    """Some candidates and how they combine: `one`, `all_of` or `any_of`."""

    how: str
    parts: tuple[int, ...]

    def met(self, states: np.ndarray) -> np.ndarray:
        """Where the rule is met, given where each candidate (first axis) is."""
        parts = [states[part] for part in self.parts]
        return reduce(and_, parts) if self.how == "all_of" else reduce(or_, parts)


class Sets(NamedTuple):
    """One row per conversion: the account (column 0) and controls that were open at that age.

    `day` is the last day of its life that was over; where controls are too few, those missing have weight 0.
    """

    account: np.ndarray
    day: np.ndarray
    weight: np.ndarray

    def dealt(self, rng: np.random.Generator) -> np.ndarray:
        """In each set, one account drawn by weight: who might have converted instead."""
        total = np.cumsum(self.weight, axis=1)
        return (rng.random(len(total))[:, None] * total[:, -1:] >= total).sum(axis=1)


def draw_sets(
    converted: np.ndarray, last: np.ndarray, rng: np.random.Generator, strata: np.ndarray | None = None
) -> Sets:
    """Sets of the conversions of some accounts, given each one's day of converting and last day at risk.

    Controls are of the same stratum, such as the month of sign-up: what merely exists in better times tells
    nothing then. Nor does a conversion on the day of sign-up, which follows no day.
    """
    strata = np.zeros(len(last), dtype=np.int64) if strata is None else strata
    cases = np.flatnonzero((converted >= 1) & (converted <= last))
    if len(cases) > MOST_CASES:
        cases = np.sort(rng.choice(cases, MOST_CASES, replace=False))
    longest = np.lexsort((-last, strata))
    place = np.empty(len(last), dtype=np.int64)
    place[longest] = np.arange(len(last))
    begins, ends = (np.searchsorted(strata[longest], strata[cases], side) for side in ("left", "right"))
    account = np.repeat(cases[:, None], 1 + CONTROLS, axis=1)
    weight = np.zeros(account.shape)
    weight[:, 0] = 1
    for row, (case, begin, end) in enumerate(zip(cases, begins, ends, strict=True)):
        at_risk = np.searchsorted(-last[longest[begin:end]], -converted[case], side="right")
        n = min(CONTROLS, at_risk - 1)
        drawn = begin + rng.choice(at_risk - 1, n, replace=False)
        account[row, 1 : n + 1] = longest[drawn + (drawn >= place[case])]
        weight[row, 1 : n + 1] = 1
    day = np.repeat(converted[cases].astype(np.int64)[:, None] - 1, 1 + CONTROLS, axis=1)
    return Sets(account, day, weight)


class Tally(NamedTuple):
    """Per criterion: conversions while it was met, those expected at the same ages, the score."""

    hits: np.ndarray
    expected: np.ndarray
    score: np.ndarray


def shares_met(states: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """In each set, the chance that the one that converted meets the criterion, if that did not matter."""
    shares = np.empty(states.shape[:2], dtype=np.float32)
    scaled = (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
    for start in range(0, len(states), 64):
        np.einsum("cnk,nk->cn", states[start : start + 64], scaled, out=shares[start : start + 64])
    return shares


def tally(states: np.ndarray, shares: np.ndarray, case: np.ndarray) -> Tally:
    """Count and score criteria; `case` says which of each set converted."""
    hits = states[:, np.arange(len(case)), case].sum(axis=1)
    expected = shares.sum(axis=1)
    # two conversions more, each with an even chance, of which it gets one: no handful of days tops the list
    told = hits + 1.0
    log_rate = np.zeros(len(hits))
    for _ in range(6):
        odds = np.exp(log_rate, dtype=np.float32)[:, None]
        likely = shares * odds / (1 + shares * (odds - 1))
        even = odds[:, 0] / (1 + odds[:, 0])
        slope = told - likely.sum(axis=1) - 2 * even
        curve = (likely * (1 - likely)).sum(axis=1) + 2 * even * (1 - even)
        log_rate = np.clip(log_rate + np.clip(slope / curve, -1.5, 1.5), -9, 9)
    odds = np.exp(log_rate)
    gained = told * log_rate - np.log1p(shares * (odds[:, None] - 1)).sum(axis=1) - 2 * np.log((1 + odds) / 2)
    return Tally(hits, expected, np.sign(log_rate) * np.sqrt(2 * np.maximum(gained, 0)))


class Found(NamedTuple):
    """A rule of the search and its score on the learning accounts."""

    rule: Rule
    score: float


class Search:
    """The candidates' states in the sets, and what a search needs of them whatever the outcomes."""

    def __init__(self, states: np.ndarray, sets: Sets):
        self.states, self.sets = states, sets
        self.nobody_else = np.zeros(len(sets.account), dtype=np.intp)
        self.shares = shares_met(states, sets.weight)
        flat = states.reshape(len(states), -1).astype(np.float32)
        both, each = flat @ flat.T, flat.sum(axis=1)
        self.overlap = both / np.maximum(each[:, None] + each[None, :] - both, 1)

    def run(self, case: np.ndarray | None = None, weight: np.ndarray | None = None) -> list[Found]:
        """Simple criteria and combinations of up to three, best first: a beam over the best simple ones."""
        case = self.nobody_else if case is None else case
        shares = self.shares if weight is None else shares_met(self.states, weight)
        weight = self.sets.weight if weight is None else weight
        score = tally(self.states, shares, case).score
        order = np.argsort(-score, kind="stable")
        found = {Rule("one", (int(i),)): float(score[i]) for i in order}
        pool = self._apart(order)
        beam = [Rule("one", (i,)) for i in pool[:BEAM]]
        for _ in range(DEPTH - 1):
            grown = list(dict.fromkeys(_extensions(beam, pool)))
            if not grown:
                break
            better = self._worth_it(grown, found, case, weight)
            found |= better
            beam = sorted(better, key=lambda rule: -found[rule])[:BEAM]
        best = max(found, key=lambda rule: (found[rule], -len(rule.parts)))
        for place in range(len(best.parts) if best.how != "one" else 0):
            found |= self._worth_it(self._with_another(best, place), found, case, weight)
            best = max(found, key=lambda rule: (found[rule], -len(rule.parts)))
            if len(best.parts) <= place + 1:
                break
        return sorted((Found(rule, its) for rule, its in found.items()), key=lambda f: -f.score)

    def _worth_it(
        self, rules: list[Rule], found: dict[Rule, float], case: np.ndarray, weight: np.ndarray
    ) -> dict[Rule, float]:
        """Those rules that score more than any of their parts, by what a part costs."""
        if not rules:
            return {}
        met = np.stack([rule.met(self.states) for rule in rules])
        scores = tally(met, shares_met(met, weight), case).score.tolist()
        return {
            rule: score
            for rule, score in zip(rules, scores, strict=True)
            if score
            > max(found[Rule("one", (part,))] for part in rule.parts) + COST_OF_A_PART * (len(rule.parts) - 1)
        }

    def _with_another(self, rule: Rule, place: int) -> list[Rule]:
        """The rule with one part replaced by those that are met on many of the same days."""
        part = rule.parts[place]
        alike = np.argsort(-self.overlap[part], kind="stable")[:ALTERNATIVES].tolist()
        return [
            Rule(rule.how, tuple(sorted((*rule.parts[:place], other, *rule.parts[place + 1 :]))))
            for other in alike
            if other not in rule.parts
        ]

    def best_score(self, case: np.ndarray) -> float:
        """The best score that the search finds where others of each set are said to have converted."""
        return self.run(case)[0].score

    def _apart(self, order: np.ndarray) -> list[int]:
        """The best candidates, leaving out those that are met on nearly the same days as a better one."""
        kept: list[int] = []
        for i in order[: 10 * POOL]:
            if not (self.overlap[i, kept] >= SAME).any():
                kept.append(int(i))
            if len(kept) == POOL:
                break
        return kept


def _extensions(beam: list[Rule], pool: list[int]) -> list[Rule]:
    """Each rule of the beam with one more part."""
    grown = []
    for rule in beam:
        for part in pool:
            if part not in rule.parts:
                parts = tuple(sorted((*rule.parts, part)))
                hows = ("all_of", "any_of") if rule.how == "one" else (rule.how,)
                grown += [Rule(how, parts) for how in hows]
    return grown


def overlap(first: np.ndarray, second: np.ndarray) -> float:
    """Of the days on which either of two criteria is met, the share on which both are."""
    either = int((first | second).sum())
    return int((first & second).sum()) / either if either else 1.0


def log_rates(states: np.ndarray, weight: np.ndarray, ridge: float = 0.1) -> np.ndarray:
    """How much each criterion (first axis), given the others, raises the log of the rate of converting.

    Maximises the conditional likelihood that it was column 0 of each set that converted, by Newton steps.
    """
    x = np.moveaxis(states, 0, -1).astype(float)
    beta = np.zeros(x.shape[-1])
    for _ in range(50):
        p = weight * np.exp(x @ beta)
        p /= p.sum(axis=1, keepdims=True)
        mean = np.einsum("nk,nkc->nc", p, x)
        gradient = (x[:, 0] - mean).sum(axis=0) - ridge * beta
        second = np.einsum("nk,nkc,nkd->cd", p, x, x) - mean.T @ mean + ridge * np.eye(len(beta))
        step = np.clip(np.linalg.solve(second, gradient), -1, 1)
        beta += step
        if np.abs(step).max() < 1e-9:
            break
    return beta


class Chosen(NamedTuple):
    """A rule of the shortlist, its score given those before it, and the log rates of those before it."""

    rule: Rule
    score: float
    before: tuple[Rule, ...]
    log_rates: np.ndarray


def shortlist(search: Search, found: list[Found], enough: float, most: int) -> list[Chosen]:
    """Rules for what each adds to those before it: no unions, as a definition is itself one (`any_of`).

    What scores less than `enough` is listed, to be seen, but does not count as known afterwards.
    """
    chosen: list[Chosen] = []
    known: list[Rule] = []
    rates = np.zeros(0)
    while len(chosen) < most:
        listed = [choice.rule.met(search.states) for choice in chosen]
        best = next(
            (
                f for f in found[:2000]
                if f.rule.how != "any_of" and f.score > 0
                and all(overlap(f.rule.met(search.states), other) < 0.5 for other in listed)
            ),
            None,
        )  # fmt: skip
        if best is None:
            break
        chosen.append(Chosen(best.rule, best.score, tuple(known), rates))
        if best.score >= enough:
            known.append(best.rule)
            met = np.stack([rule.met(search.states) for rule in known])
            rates = log_rates(met, search.sets.weight)
            found = search.run(weight=search.sets.weight * np.exp(np.tensordot(rates, met, 1)))
    return chosen


def chance_of_as_many(hits: int, chances: np.ndarray) -> float:
    """P(at least so many hits) of independent trials with these chances, exactly."""
    from scipy.stats import poisson_binom  # loaded where it is used: it takes a while

    if not len(chances):
        return float(hits <= 0)
    # sums of shares in single precision can pass 1 by a hair, of which the distribution makes nothing
    within = np.clip(np.asarray(chances, dtype=float), 0, 1)
    return float(np.clip(poisson_binom.sf(hits - 1, within), 0, 1))
