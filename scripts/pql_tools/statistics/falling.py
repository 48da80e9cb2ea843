"""Has a rule become worse than it was, beside accounts of the same age and time (docs/statistics.md §6)?

Each flagged account is matched, when it qualifies, with a few others that signed up shortly before it and
were open, unpaid and not flagged at the same age. From that age on all of them are watched for a horizon.
Whenever one pays, it is asked whether it is the flagged one: if its hazard is r times that of the others, the
odds are r to the number of others still watched. A market that rises or falls changes how often somebody
pays, not who.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import optimize, special

from pql_tools.statistics.intervals import Share, require_share
from pql_tools.statistics.outcomes import MATURE, Accounts, known_at, outcome_states

WEEKS_A_YEAR = 52
_MOST_CONTROLS, _TRIES, _PER_FLAGGED = 20, 10, 3
# What is betted on: the logarithm of the hazard ratio before a fall, and by how much it falls.
_BEFORE = np.arange(-2.0, 5.01, 0.5)
_DROPS = np.array([0.4, 0.8, 1.4, 2.2])


class Groups(NamedTuple):
    """Flagged accounts in the order of qualifying: when, whether it hit, and its controls in two counts.

    Then every payment in a group while its flagged account was watched: of which group, whether it was that
    of the flagged account, and how many controls were watched.
    """

    qualified: np.ndarray
    hit: np.ndarray
    controls: np.ndarray
    control_hits: np.ndarray
    payment_of: np.ndarray
    is_flagged: np.ndarray
    watched: np.ndarray


class Fall(NamedTuple):
    """The evidence that a rule has fallen; hits of flagged accounts and of controls, before and since."""

    evidence: float  # the e-value at the as-of
    since: float  # qualifications from then on, the likeliest time of the fall
    before: Share
    controls_before: Share
    after: Share
    controls_after: Share


def matched_groups(accounts: Accounts, as_of: float, horizon: float, within: float) -> Groups:
    """Each mature account at risk with controls that signed up at most `within` before it, the nearest (§6).

    All of it is decided by what is known when the account qualifies, so later data never change an earlier
    group. A control is watched until it pays, closes or is flagged itself, and by one group at a time:
    nothing is counted twice.
    """
    s, q, c, x, day_ends = known_at(accounts, as_of)
    states = outcome_states(accounts, as_of, horizon)
    order = np.argsort(s, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    flagged = np.flatnonzero(np.isin(states, MATURE))
    flagged = flagged[np.lexsort((place[flagged], q[flagged]))]
    signup, ages, leaves = s[order], (q - s)[flagged], (np.minimum.reduce([c, x, q]) - s)[order]
    first = np.searchsorted(signup, s[flagged] - within)
    signed_up = np.searchsorted(signup, q[flagged], side="right")
    wanted = np.clip(_PER_FLAGGED * (signed_up // np.arange(1, len(flagged) + 1) - 1), 1, _MOST_CONTROLS)
    chosen = _nearest_free(place[flagged], ages, wanted, first, leaves, horizon)
    control = order[chosen]
    # a payment known only to the day on which the account was flagged is nobody's
    alone = (c < q) & (c <= x) & ~((q < day_ends) & np.isfinite(day_ends))
    none = chosen < 0
    until = np.where(none, -np.inf, np.minimum(leaves[chosen] - ages[:, None], horizon))
    paid = ~none & alone[control] & (leaves[chosen] - ages[:, None] <= horizon)
    hit = states[flagged] == "hit"
    return Groups(
        q[flagged], hit, (~none).sum(axis=1), paid.sum(axis=1),
        *_payments(until, paid, np.minimum(np.minimum(c, x)[flagged] - q[flagged], horizon), hit),
    )  # fmt: skip


def _payments(until: np.ndarray, paid: np.ndarray, flagged_until: np.ndarray, hit: np.ndarray):
    """Every payment while the flagged account was watched: group, whether its own, controls watched then."""
    payment_of, is_flagged, watched = [], [], []
    for when, happened, own in [(flagged_until, hit, True)] + [
        (until[:, k], paid[:, k] & (until[:, k] <= flagged_until), False) for k in range(until.shape[1])
    ]:
        groups = np.flatnonzero(happened)
        payment_of.append(groups)
        is_flagged.append(np.full(len(groups), own))
        watched.append((until[groups] >= when[groups, None]).sum(axis=1))
    return (np.concatenate(values) for values in (payment_of, is_flagged, watched))


def _nearest_free(places, ages, wanted, first, leaves, horizon) -> np.ndarray:
    """The places of the controls of each flagged account in turn, then −1; each is busy for a horizon."""
    found = np.full((len(places), _MOST_CONTROLS), -1)
    leaves, free_at = leaves.tolist(), [-math.inf] * len(leaves)
    rows = zip(places.tolist(), ages.tolist(), wanted.tolist(), first.tolist(), strict=True)
    for number, (place, age, count, start) in enumerate(rows):
        chosen = []
        for at in range(place - 1, max(start, place - _TRIES * count) - 1, -1):
            if leaves[at] > age and free_at[at] <= age:
                free_at[at] = age + horizon
                chosen.append(at)
                if len(chosen) == count:
                    break
        found[number, : len(chosen)] = chosen
    return found


def fall(groups: Groups, week: float) -> Fall | None:
    """The evidence, as of the last group, that the hazard ratio has fallen; None if nothing tells (§6)."""
    at = _weeks(groups, week)
    evidence = log_fall_evidence(groups, week)
    if evidence is None:
        return None
    log_e, since = evidence
    return Fall(
        math.exp(min(log_e[-1], 700.0)),
        float(groups.qualified[0] + since[-1] * week),
        *_shares(groups, at < since[-1]),
        *_shares(groups, at >= since[-1]),
    )


def _shares(groups: Groups, which: np.ndarray) -> tuple[Share, Share]:
    return (
        Share(int(groups.hit[which].sum()), int(which.sum())),
        Share(int(groups.control_hits[which].sum()), int(groups.controls[which].sum())),
    )


def _weeks(groups: Groups, week: float) -> np.ndarray:
    """The number of the week of each group, from the first one on."""
    return ((groups.qualified - groups.qualified[:1]) // week).astype(np.int64)


def log_fall_evidence(groups: Groups, week: float) -> tuple[np.ndarray, np.ndarray] | None:
    """log E after each week, and the likeliest week of the fall (§6).

    Universal inference: the likelihood of a fall, averaged over the weeks of a year, over hazard ratios
    before it and sizes, against the best that any constant ratio does. Under a constant one that of each year
    ever reaches 1/alpha with probability ≤ alpha; E is the greatest of the years. None where nobody
    pays while others are watched.
    """
    telling = groups.watched > 0
    if not telling.any():
        return None
    at = _weeks(groups, week)
    offsets, kind = np.unique(-np.log(groups.watched[telling]), return_inverse=True)
    weeks, of_week = int(at[-1]) + 1, at[groups.payment_of[telling]]
    seen, hits = (np.zeros((weeks, len(offsets))) for _ in range(2))
    np.add.at(seen, (of_week, kind), 1)
    np.add.at(hits, (of_week, kind), groups.is_flagged[telling])
    seen, hits = seen.cumsum(axis=0), hits.cumsum(axis=0)

    def log_likelihood(ratio: np.ndarray) -> np.ndarray:
        """Of the groups up to each week, for each logarithm of the hazard ratio."""
        odds = np.add.outer(offsets, ratio)
        return hits @ odds - seen @ np.logaddexp(0, odds)

    before = np.vstack([np.zeros(len(_BEFORE)), log_likelihood(_BEFORE)])  # up to the end of the week before
    lower = np.subtract.outer(_BEFORE, _DROPS).ravel()
    after = np.vstack([np.zeros(len(lower)), log_likelihood(lower)])
    started = (np.repeat(before, len(_DROPS), axis=1) - after)[:-1]  # by the week of the fall
    best = np.array([_best_constant(offsets, seen[t], hits[t]) for t in range(weeks)])
    share = math.log(len(lower) * WEEKS_A_YEAR)
    log_e, since = np.full(weeks, -np.inf), np.zeros(weeks, dtype=np.int64)
    for t in range(weeks):
        of_week = special.logsumexp(started[: t + 1] + after[t + 1], axis=1) - share
        years = np.split(of_week, range(WEEKS_A_YEAR, t + 1, WEEKS_A_YEAR))
        log_e[t] = max(special.logsumexp(year) for year in years) - best[t]
        since[t] = np.argmax(of_week)
    return log_e, since


def _best_constant(offsets: np.ndarray, seen: np.ndarray, hits: np.ndarray) -> float:
    """The greatest log-likelihood of any constant hazard ratio."""
    if not seen.any():
        return 0.0

    def loss(ratio: float) -> float:
        return float(seen @ np.logaddexp(0, offsets + ratio) - hits @ (offsets + ratio))

    return -optimize.minimize_scalar(loss, bounds=(-30, 30), method="bounded", options={"xatol": 1e-6}).fun


def has_fallen(found: Fall | None, confidence: float = 0.95) -> bool:
    """Whether the evidence reaches 1/(1 − confidence), at any number of looks. ValueError outside (0, 1)."""
    require_share("confidence", confidence)
    return found is not None and found.evidence >= 1 / (1 - confidence)
