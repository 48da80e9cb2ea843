"""What became of qualified accounts, and of comparable ones: precision, recall, matched rates (§1.1 to §1.3).

The models count the same things in SQL; these are the second opinion, and the resampling.

Times. s sign-up, q first qualification, c first conversion, x closure, one entry per account; of a conversion
known only to the day, c is when that day begins, and when it ends is known as well; A as-of, H horizon.
All in one unit: microseconds as integers (absent = NEVER), numpy datetimes (absent = NaT), which become
microseconds, or floats of any unit (absent = +inf). Microseconds stay exact; float days can lose a tie such
as "exactly 30 days later" to rounding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pql_tools.statistics.intervals import Share, require

NEVER = np.iinfo(np.int64).max
DAY = 86_400_000_000  # microseconds
MATURE = ("hit", "miss", "miss_late", "miss_closed")  # states of an account whose outcome is known
_EXACT = 2**53  # integers up to here are exact in a float


class Accounts(NamedTuple):
    """The times of each account, +inf where there is none; made by `account_times`."""

    signup: np.ndarray
    qualified: np.ndarray
    converted: np.ndarray
    closed: np.ndarray
    day_ends: np.ndarray


class Recall(NamedTuple):
    """Of the converters in the frame: those caught in time, and those flagged at any time before."""

    caught: Share
    flagged_before: Share


class Landmark(NamedTuple):
    """Conversions in (L, L+H] of accounts open and unconverted at age L, by whether they had qualified."""

    qualified: Share
    not_qualified: Share


class MatchedCounts(NamedTuple):
    """Per mature at-risk account: its index, whether it hit, and its comparison set R(a) in two counts."""

    account: np.ndarray
    hit: np.ndarray
    at_risk: np.ndarray
    converted: np.ndarray


class MatchedRate(NamedTuple):
    """Hits among n compared accounts, the mean rate of their comparison sets, and the ratio of the two."""

    hits: int
    n: int
    base: float | None
    ratio: float | None


class RiskSets(NamedTuple):
    """Who is compared with whom, as intervals of age.

    Compared account i asks at age `ages[i]`. Account j is at risk at every age in [`opens[j]`, `ends[j]`),
    and counts as converted at every age in [`starts[j]`, `ends[j]`). With `leaves_itself_out` nobody is
    compared with itself.
    """

    account: np.ndarray
    hit: np.ndarray
    ages: np.ndarray
    opens: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    leaves_itself_out: bool


def as_times(values) -> np.ndarray:
    """Times as floats, +inf where absent: from datetimes (NaT), integers (NEVER) or floats (+inf).

    What a masked array masks is absent too: DuckDB's `fetchnumpy` returns nulls that way. ValueError for NaN,
    for anything that is not a time, and for integers beyond 2^53, which are not microseconds of any near
    century.
    """
    given, absent = np.asarray(values), np.ma.getmaskarray(np.ma.asarray(values))
    if given.dtype.kind == "M":
        absent, given = absent | np.isnat(given), given.astype("datetime64[us]").astype(np.int64)
    require(given.dtype.kind in "iuf", f"Times must be datetimes, integers or floats, got {given.dtype}.")
    times = np.where(absent | (given == NEVER), np.inf, given).astype(float)
    require(not np.isnan(times).any(), "A time is NaN; an absent time is written as +inf.")
    exact = given.dtype.kind == "f" or (np.abs(times[np.isfinite(times)]) <= _EXACT).all()
    require(bool(exact), "An integer time is beyond 2^53: are these nanoseconds? Use microseconds.")
    return times


def account_times(signup, qualified, converted, closed, day_ends=None) -> Accounts:
    """Lists of times as `Accounts`; ValueError unless they have one length and sign-ups are all known.

    `day_ends` is left out where every conversion is known to the moment.
    An account without sign-up has no age and belongs to no estimand here: leave it out.
    """
    given = [as_times(times) for times in (signup, qualified, converted, closed)]
    accounts = Accounts(*given, np.full_like(given[2], np.inf) if day_ends is None else as_times(day_ends))
    require(all(t.ndim == 1 for t in accounts), "Each of the times must be a list, one per account.")
    require(len({len(t) for t in accounts}) == 1, "The lists of times must have the same length.")
    require(bool(np.isfinite(accounts.signup).all()), "Every account needs a sign-up time.")
    early = accounts.qualified < accounts.signup
    require(not early.any(), f"{early.sum():,} accounts qualified before they signed up.")
    return accounts


def known_at(accounts: Accounts, as_of: float) -> Accounts:
    """The accounts with every conversion and closure after the as-of removed (§1.1)."""
    converted, closed = (np.where(t <= as_of, t, np.inf) for t in (accounts.converted, accounts.closed))
    return accounts._replace(converted=converted, closed=closed)


def outcome_states(accounts: Accounts, as_of: float, horizon: float | None) -> np.ndarray:
    """The state of each account, the first that holds in the list of docs/specification.md §5.

    Without a horizon (None) every at-risk account is mature and any later conversion up to A is a hit.
    ValueError for a horizon that is not positive.
    """
    _, q, c, x, day_ends = known_at(accounts, as_of)
    deadline = q + _positive(horizon)
    states = {
        "not_qualified": np.isinf(q),
        "same_day": (c <= q) & (q < day_ends) & np.isfinite(day_ends),
        "converted_before": c < q,
        "converted_at": c == q,
        "closed_before": x <= q,
        "immature": (deadline > as_of) & (horizon is not None),
        "hit": np.isfinite(c) & (c <= deadline),
        "miss_closed": np.isfinite(x) & (x <= deadline),
        "miss_late": np.isfinite(c),
    }
    return np.select(list(states.values()), list(states), default="miss")


def _positive(horizon: float | None) -> float:
    """The horizon as a number: infinite where there is none."""
    require(horizon is None or horizon > 0, f"The horizon must be positive, got {horizon}.")
    return np.inf if horizon is None else horizon


def precision(states: np.ndarray) -> Share:
    """Hits among mature at-risk accounts, from their `outcome_states` (§1.1)."""
    hit = states == "hit"
    miss = np.char.startswith(states.astype(str), "miss")
    return Share(int(hit.sum()), int(hit.sum() + miss.sum()))


def naive_precision(accounts: Accounts, as_of: float) -> Share:
    """Ever converted among ever qualified: the wrong number, to be shown beside the right one (§1.10).

    It counts usage after payment as prediction, and accounts without time to convert as failures.
    """
    _, q, c, *_ = known_at(accounts, as_of)
    qualified = q <= as_of
    return Share(int((qualified & np.isfinite(c)).sum()), int(qualified.sum()))


def lead_times(accounts: Accounts, as_of: float, horizon: float | None) -> np.ndarray:
    """Time from qualification to conversion of every hit, in the unit of the input."""
    hit = outcome_states(accounts, as_of, horizon) == "hit"
    return accounts.converted[hit] - accounts.qualified[hit]


def recall(accounts: Accounts, as_of: float, horizon: float | None, within: float | None) -> Recall:
    """Of the accounts that convert within T of sign-up, the share a criterion flagged in time (§1.2).

    `within` is T, shared by all criteria: the longest window plus the horizon; the frame is s + T ≤ A.
    Caught: q < c ≤ q + H. Without a horizon T is None too, and the frame is every conversion up to A.
    ValueError where only one of the two is None.
    """
    require(
        (horizon is None) == (within is None), "A recall window needs a horizon, and the other way round."
    )
    s, q, c, *_ = known_at(accounts, as_of)
    converted = np.isfinite(c)
    if within is not None:
        converted &= (s + within <= as_of) & (c <= s + within)
    before = converted & (q < c)
    caught, n = before & (c <= q + _positive(horizon)), int(converted.sum())
    return Recall(Share(int(caught.sum()), n), Share(int(before.sum()), n))


def landmark(accounts: Accounts, as_of: float, horizon: float, age: float) -> Landmark:
    """Accounts open and unconverted at one age, split by having qualified by then (§1.3, charts)."""
    s, q, c, x, _ = accounts
    then = s + age
    eligible = (then + _positive(horizon) <= as_of) & (c > then) & (x > then)
    qualified, converts = q <= then, c <= then + horizon
    return Landmark(
        Share(int((eligible & qualified & converts).sum()), int((eligible & qualified).sum())),
        Share(int((eligible & ~qualified & converts).sum()), int((eligible & ~qualified).sum())),
    )


def risk_sets(
    accounts: Accounts, as_of: float, horizon: float, not_yet_qualified: bool = False, strata=None
) -> RiskSets:
    """The matched-age risk sets of §1.3, as intervals of age.

    j is in R(a) iff s_j + a + H ≤ A, c_j − s_j > a and x_j − s_j > a (and, for the not yet qualified,
    q_j − s_j > a), that is: a is below the smallest of four ages, the first of which is still allowed.
    Of R(a), those with c_j − s_j ≤ a + H count as converted. With `strata`, a label per account, only others
    of the same label are compared. ValueError without a finite horizon, because accounts followed for
    different times are not comparable.
    """
    require(horizon is not None and np.isfinite(horizon), "Matched rates need a finite horizon.")
    s, q, c, x, _ = accounts
    mature = np.flatnonzero((q < np.inf) & (c > q) & (x > q) & (q + _positive(horizon) <= as_of))
    just_past_follow_up = np.nextafter(as_of - horizon - s, np.inf)
    ends = np.minimum.reduce([just_past_follow_up, c - s, x - s, q - s if not_yet_qualified else x - s])
    opens = np.full_like(ends, -np.inf)
    sets = RiskSets(
        mature, c[mature] <= q[mature] + horizon, (q - s)[mature], opens, c - s - horizon, ends, False
    )
    if strata is None:
        return sets
    return _apart(sets, strata)._replace(leaves_itself_out=not not_yet_qualified)  # it has qualified by then


def _apart(sets: RiskSets, strata) -> RiskSets:
    """The same with one stratum above the other: who is of another is never at risk."""
    labels = np.asarray(strata)
    require(len(labels) == len(sets.ends), "Give one stratum per account.")
    _, label = np.unique(labels, return_inverse=True)
    ages = [sets.ages, sets.opens, sets.starts, sets.ends]
    of_each = [label[sets.account], label, label, label]
    placed = _stacked(ages, of_each) if (sets.ages % 1 == 0).all() else _ranked(ages, of_each)
    return sets._replace(ages=placed[0], opens=placed[1], starts=placed[2], ends=placed[3])


def _stacked(ages: list[np.ndarray], labels: list[np.ndarray]) -> list[np.ndarray]:
    """Ages where those asked at (the first) are whole numbers: a bound is then the next whole one."""
    low, high = ages[0].min(initial=0), ages[0].max(initial=0)
    width = int(high - low) + 2
    require(width * (int(labels[1].max(initial=0)) + 1) < NEVER, "Ages are too long for so many strata.")
    return [
        (np.clip(np.ceil(age), low, high + 1) - low).astype(np.int64) + label * width
        for age, label in zip(ages, labels, strict=True)
    ]


def _ranked(ages: list[np.ndarray], labels: list[np.ndarray]) -> list[np.ndarray]:
    """Ages that are no whole numbers as their places among all, those of one label above the other's."""
    age, label = np.concatenate(ages), np.concatenate(labels)
    order = np.lexsort((age, label))
    is_new = (np.diff(label[order]) != 0) | (age[order][1:] != age[order][:-1])
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.concatenate([[0], np.cumsum(is_new)])[: len(order)]
    return np.split(ranks, np.cumsum([len(its) for its in ages])[:-1])


def covering(points: np.ndarray, starts: np.ndarray, ends: np.ndarray):
    """A counter of half-open intervals [start, end) over fixed points: sorted once, weighed many times.

    Returns a function from weights, shaped (..., intervals), to the total weight of the intervals that
    contain each point, shaped (..., points). O(n log n) to make, O(n) to call.
    """
    real = np.flatnonzero(starts < ends)
    by_start, by_end = real[np.argsort(starts[real])], real[np.argsort(ends[real])]
    opened = np.searchsorted(starts[by_start], points, side="right")
    closed = np.searchsorted(ends[by_end], points, side="right")

    def weigh(weights: np.ndarray) -> np.ndarray:
        return (
            _running_sum(weights[..., by_start])[..., opened]
            - _running_sum(weights[..., by_end])[..., closed]
        )

    return weigh


def _running_sum(weights: np.ndarray) -> np.ndarray:
    """Sums of the first 0, 1, 2, … weights."""
    padded = np.zeros((*weights.shape[:-1], weights.shape[-1] + 1), dtype=weights.dtype)
    np.cumsum(weights, axis=-1, out=padded[..., 1:])
    return padded


def counters(sets: RiskSets):
    """Two counters over the ages of the compared accounts: who is at risk, and who of them converts.

    Of weights per account, shaped (..., accounts), they make totals per compared account.
    """
    at_risk = covering(sets.ages, sets.opens, sets.ends)
    converted = covering(sets.ages, np.maximum(sets.opens, sets.starts), sets.ends)
    if not sets.leaves_itself_out:
        return at_risk, converted
    return (
        lambda weights: at_risk(weights) - weights[..., sets.account],
        lambda weights: converted(weights) - weights[..., sets.account] * sets.hit,
    )


def matched_counts(
    accounts: Accounts, as_of: float, horizon: float, not_yet_qualified: bool = False, strata=None
) -> MatchedCounts:
    """For each mature at-risk account, how many accounts its R(a) holds and how many of them convert (§1.3).

    O(n log n). Integers, so that rates can be added up exactly. R(a) includes the account itself, except
    among the not yet qualified, where it may be empty. With `strata`, a label per account such as the month
    of its sign-up, R(a) holds the others of the same label alone: the market is then the same as well, and
    however few they are, the account is not compared with itself.
    """
    sets = risk_sets(accounts, as_of, horizon, not_yet_qualified, strata)
    everyone = np.ones(len(sets.ends), dtype=np.int64)
    at_risk, converted = (count(everyone) for count in counters(sets))
    return MatchedCounts(sets.account, sets.hit, at_risk, converted)


def matched_rate(
    accounts: Accounts, as_of: float, horizon: float, not_yet_qualified: bool = False, strata=None
) -> MatchedRate:
    """Base rate at matched age and lift; or, among the not yet qualified, their rate and the ratio (§1.3).

    base = mean over compared accounts of the share of R(a) that converts; ratio = their precision / base.
    An account whose R(a) is empty is compared with nobody and left out on both sides; n says how many are
    left. base and ratio are None where nobody is; ratio is None as well where base is 0.
    """
    return rate_of(matched_counts(accounts, as_of, horizon, not_yet_qualified, strata))


def rate_of(counts: MatchedCounts) -> MatchedRate:
    """The base rate and the ratio of some counts."""
    compared = counts.at_risk > 0
    hits, n = int(counts.hit[compared].sum()), int(compared.sum())
    if n == 0:
        return MatchedRate(hits, n, None, None)
    base = float(np.mean(counts.converted[compared] / counts.at_risk[compared]))
    return MatchedRate(hits, n, base, hits / n / base if base else None)


def signup_months(accounts: Accounts) -> np.ndarray:
    """The month of the calendar (UTC) in which each account signed up, of times in microseconds (§1.3).

    The same as the macro `signup_period`.
    """
    return accounts.signup.astype(np.int64).astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
