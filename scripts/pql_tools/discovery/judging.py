"""What a rule does on accounts that the search has not seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pql_tools.discovery.days import Candidate, Usage
from pql_tools.discovery.frame import Frame
from pql_tools.discovery.search import (
    Chosen,
    Rule,
    Sets,
    chance_of_as_many,
    shares_met,
)
from pql_tools.statistics import (
    Interval,
    Share,
    account_times,
    linear_ratio_interval,
    matched_counts,
    permutation_p,
    rate_of,
    wilson,
)


class Data(NamedTuple):
    """The frame, its daily use, the candidates and the days on which each of some was met."""

    frame: Frame
    usage: Usage
    candidates: list[Candidate]

    def met(self, rule: Rule) -> np.ndarray:
        """For each account (row) and day of its life (column), whether the rule held at its end."""
        specs = [self.candidates[i].spec for i in rule.parts]
        of_specs = Rule(rule.how, tuple(range(len(specs))))
        return np.concatenate(
            [
                of_specs.met(np.stack([part.measure(spec) >= spec["at_least"] for spec in specs]))
                for _, part in self.usage.parts
            ]
        )


class Result(NamedTuple):
    """A rule on the held-out accounts."""

    rule: Rule
    score: float
    search_p: float
    while_met: Share
    rate_ratio: float | None
    p_value: float
    precision: Share
    interval: Interval
    expected: float | None
    lift: float | None
    lift_interval: Interval | None
    recall: Share


def candidates_of(frame: Frame, usage: Usage, sets: Sets, min_n: int) -> tuple[list[Candidate], np.ndarray]:
    """What at least `min_n` accounts met while open, and in which places of the sets."""
    last, specs = frame.side(is_test=False), list(usage.specs())
    reached = [np.zeros(len(thresholds), dtype=np.int64) for _, thresholds in specs]
    here = np.zeros((len(specs), *sets.account.shape))
    for start, part in usage.parts:
        followed = last[start : start + len(part.signed_up_on)]
        out_of_sight = np.where(np.arange(usage.days) < followed[:, None], 0.0, -np.inf)
        inside = (sets.account >= start) & (sets.account < start + len(followed))
        account, day = sets.account[inside] - start, sets.day[inside]
        for number, (spec, thresholds) in enumerate(specs):
            measured = part.measure(spec)
            here[number][inside] = measured[account, day]
            most = (measured + out_of_sight).max(axis=1)
            reached[number] += (most[:, None] >= thresholds).sum(axis=0)
    candidates, states = [], []
    for (spec, thresholds), by_how_many, measured in zip(specs, reached, here, strict=True):
        for at_least, accounts in zip(thresholds, by_how_many, strict=True):
            met = measured >= at_least
            if accounts >= min_n and met.any() and not met.all():
                candidates.append(Candidate({**spec, "at_least": at_least}))
                states.append(met)
    return candidates, np.array(states, dtype=bool).reshape(-1, *sets.account.shape)


def judge(data: Data, sets: Sets, chosen: Chosen, null: np.ndarray, horizon: int) -> Result:
    """A rule on the held-out accounts: conversions while it was met, and what became of those that met it."""
    frame = data.frame
    whole = data.met(chosen.rule)
    met = whole[sets.account, sets.day][None]
    weight = sets.weight
    if chosen.before:
        before = np.stack([data.met(rule)[sets.account, sets.day] for rule in chosen.before])
        weight = weight * np.exp(np.tensordot(chosen.log_rates, before, 1))
    chances, hits = shares_met(met, weight)[0], int(met[0, :, 0].sum())
    plain, case = shares_met(met, sets.weight)[0], met[0, :, 0]
    against = float(plain[~case].sum())
    first = first_met(whole, frame.side(is_test=True))
    rows = np.flatnonzero(frame.is_test)
    # what is met by the end of a day is known as the next begins; accounts convert and close during a day
    start = (frame.lives.signed_up_on[rows] - frame.split_on).astype(float)
    lives = [start + its[rows] for its in (first + 1, frame.lives.converted + 0.5, frame.lives.closed + 0.5)]
    accounts = account_times(start, *lives)
    as_of = float((frame.as_of_on - frame.split_on).astype(int)) + 1
    months = frame.months[rows]
    counts = matched_counts(accounts, as_of, float(horizon), strata=months)
    matched, precision = rate_of(counts), Share(int(counts.hit.sum()), len(counts.hit))
    return Result(
        chosen.rule,
        chosen.score,
        float(permutation_p(np.array([chosen.score]), null)[0]),
        Share(hits, len(case)),
        _ratio(float((1 - plain)[case].sum()), against),
        chance_of_as_many(hits, chances),
        precision,
        wilson(*precision),
        matched.base,
        matched.ratio,
        linear_ratio_interval(accounts, as_of, float(horizon), strata=months) if matched.base else None,
        caught_in_time(frame, first, horizon),
    )


def caught_in_time(frame: Frame, first: np.ndarray, horizon: int) -> Share:
    """Of the held-out conversions, those of accounts that first met something at most a horizon before."""
    converted = frame.lives.converted
    counted = frame.is_test & (converted >= 1) & (converted <= frame.last)
    caught = counted & (first < converted) & (converted <= first + horizon)
    return Share(int(caught.sum()), int(counted.sum()))


def _ratio(observed: float, expected: float) -> float | None:
    """How many times as much; infinite where nothing was expected, None where nothing was seen either."""
    if expected:
        return observed / expected
    return float("inf") if observed else None


def first_met(met: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The first day, before its last, at whose end each account met it; inf where there is none."""
    seen = met & (np.arange(met.shape[1]) < last[:, None])
    return np.where(seen.any(axis=1), seen.argmax(axis=1), np.inf)
