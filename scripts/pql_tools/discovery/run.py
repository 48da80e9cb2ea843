"""The search as a whole: on earlier accounts, on the same with outcomes shuffled, and on later ones."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from pql_tools.discovery.days import Usage
from pql_tools.discovery.frame import Frame
from pql_tools.discovery.judging import Data, Result, candidates_of, judge
from pql_tools.discovery.score import Score, Wanted, fit_score
from pql_tools.discovery.search import (
    Chosen,
    Found,
    Search,
    draw_sets,
    shares_met,
    shortlist,
    tally,
)
from pql_tools.problems import Problem
from pql_tools.statistics import (
    holm,
    pareto_front,
)

WORKERS = 2


class Findings(NamedTuple):
    """What a run found: the shortlist, its adjusted p values, what of it holds, the front, the score.

    Where there is no score, why.
    """

    compared: int
    simple: int
    signals: list[Result]
    adjusted: np.ndarray
    chosen: list[Result]
    front: list[Result]
    score: Score | None
    why_no_score: str
    null: np.ndarray


def find(
    usage: Usage, frame: Frame, options: argparse.Namespace, horizon: int, on_step
) -> tuple[Data, Findings]:
    """Search the earlier accounts, and the same with outcomes shuffled; judge on the later ones."""
    rng = np.random.default_rng(options.seed)
    learning, judging = (
        draw_sets(frame.lives.converted, frame.side(is_test), rng, frame.months) for is_test in (False, True)
    )
    min_n = max(10, min(options.min_n, int((frame.side(is_test=False) > 0).sum()) // 20))
    candidates, states = candidates_of(frame, usage, learning, min_n)
    data = Data(frame, usage, candidates)
    wanted = Wanted(options.capacity, options.min_precision)
    if not candidates:
        score, why_none = fit_score(
            frame, usage, candidates, [], horizon, wanted, options.seed, options.alpha
        )
        return data, Findings(0, 0, [], np.array([]), [], [], score, why_none, np.array([]))
    search = Search(states, learning)
    found = search.run()
    null = []
    with ThreadPoolExecutor(WORKERS) as workers:
        for best in workers.map(
            search.best_score, [learning.dealt(rng) for _ in range(options.permutations)]
        ):
            null.append(best)
            on_step()
    null = np.array(null)
    listed = shortlist(search, found, enough=critical_score(null, options.alpha), most=options.top)
    signals = [judge(data, judging, choice, null, horizon) for choice in listed]
    adjusted = holm([result.p_value for result in signals])
    chosen = [
        r
        for r, p in zip(signals, adjusted, strict=True)
        if r.search_p <= options.alpha and p <= options.alpha
    ]
    front = [judge(data, judging, choice, null, horizon) for choice in front_of(search, found)]
    proved, count = [result.rule for result in chosen], len(candidates)
    score, why_none = fit_score(
        frame, usage, candidates, proved, horizon, wanted, options.seed, options.alpha
    )
    return data, Findings(
        len(found),
        count,
        signals,
        adjusted,
        chosen,
        front,
        score,
        why_none,
        null,
    )


def critical_score(null: np.ndarray, alpha: float) -> float:
    """The score from which on the null's best is as good in at most `alpha` of cases."""
    reached = int(alpha * (1 + len(null)) + 1e-9) - 1
    if reached < 0:
        raise Problem(f"--alpha {alpha:g} takes at least {int(np.ceil(1 / alpha)) - 1} --permutations.")
    return float(np.nextafter(np.sort(null)[::-1][reached], np.inf))


def front_of(search: Search, found: list[Found]) -> list[Chosen]:
    """Rules that no other beats on both rate and share of the learning conversions."""
    best = found[:400]
    met = np.stack([f.rule.met(search.states) for f in best])
    counts = tally(met, shares_met(met, search.sets.weight), search.nobody_else)
    front = pareto_front(counts.hits / np.maximum(counts.expected, 0.5), counts.hits)
    return [Chosen(best[i].rule, best[i].score, (), np.zeros(0)) for i in front if best[i].score > 0][:12]
